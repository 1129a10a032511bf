namespace NcService.Core.Collapse;

/// <summary>What a measurement is, for people who see its name in a table.</summary>
/// <param name="Name">The name in the API, the command line and the store.</param>
/// <param name="Property">The neural-collapse property it belongs to: NC1, NC2, GNC2, NC3, UNC3, NC4, NC5, spectrum or generalisation.</param>
/// <param name="Title">A few words for headings and axes.</param>
/// <param name="Explanation">One sentence for readers who do not know the field.</param>
/// <param name="Formula">The definition as plain text; μ_c class mean, μ̄ their unweighted mean, m_c = μ_c − μ̄, u_c = m_c/‖m_c‖.</param>
/// <param name="Source">The paper that defines it.</param>
/// <param name="LogAxisHelps">Whether a logarithmic axis usually shows more: the value is positive and runs over orders of magnitude.</param>
public sealed record MeasurementDefinition(
    string Name, string Property, string Title, string Explanation, string Formula, string Source, bool LogAxisHelps);
