using static TorchSharp.torch;

namespace NcService.Core.Collapse;

/// <summary>
/// What is known of each kept class: a row of numbers, its nearest classes and its place among the others. Kept in a safetensors file whose columns
/// <see cref="ClassTableFile"/> reads without the tensor engine.
/// </summary>
public sealed class ClassTable
{
    /// <summary>Token (class) ids in increasing order.</summary>
    public required int[] Ids { get; init; }

    /// <summary>The tokens' text for people; empty where no tokenizer is known.</summary>
    public required IReadOnlyList<string> Texts { get; init; }

    /// <summary>n_c.</summary>
    public required long[] Counts { get; init; }

    /// <summary>‖m_c‖.</summary>
    public required double[] Norms { get; init; }

    /// <summary>s²_c; NaN where the unbiased form is undefined.</summary>
    public required double[] Variances { get; init; }

    /// <summary>cos(w_c, m_c); NaN where undefined or without a classifier.</summary>
    public required double[] SelfDuality { get; init; }

    /// <summary>Validation samples of the class; 0 where none were decided.</summary>
    public required long[] ValidationSamples { get; init; }

    /// <summary>The share of them where classifier and nearest centre agree; NaN where there are none.</summary>
    public required double[] Agreement { get; init; }

    /// <summary>The share of them where the classifier is right; NaN where there are none.</summary>
    public required double[] Accuracy { get; init; }

    /// <summary>Classes with the nearest means, nearest first, with ‖μ_c − μ_c'‖; fewer where there are no more.</summary>
    public required IReadOnlyList<Neighbour[]> NearestByDistance { get; init; }

    /// <summary>Classes with the nearest directions of centred means, nearest first, with u_c·u_c'.</summary>
    public required IReadOnlyList<Neighbour[]> NearestByCosine { get; init; }

    /// <summary>Principal coordinates of m_c.</summary>
    public required PrincipalCoordinates Principal { get; init; }

    /// <summary>Writes the table; the file appears whole or not at all.</summary>
    public void Save(string path)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var tensors = new List<KeyValuePair<string, Tensor>>
        {
            new(ClassTableColumns.Id, tensor(Array.ConvertAll(Ids, id => (long)id))),
            new(ClassTableColumns.Count, tensor(Counts)),
            new(ClassTableColumns.Norm, tensor(Norms)),
            new(ClassTableColumns.Variance, tensor(Variances)),
            new(ClassTableColumns.SelfDuality, tensor(SelfDuality)),
            new(ClassTableColumns.ValidationSamples, tensor(ValidationSamples)),
            new(ClassTableColumns.Agreement, tensor(Agreement)),
            new(ClassTableColumns.Accuracy, tensor(Accuracy)),
        };
        AddNeighbours(tensors, ClassTableColumns.ByDistance, NearestByDistance);
        AddNeighbours(tensors, ClassTableColumns.ByCosine, NearestByCosine);
        AddCoordinates(tensors);
        AddTexts(tensors);
        CheckedTensors.Write(path, tensors, new Dictionary<string, string> { ["format"] = ClassTableColumns.Format, ["version"] = ClassTableColumns.Version });
    }

    /// <summary>Rows of equal length, −1 and NaN where a class has fewer neighbours.</summary>
    private void AddNeighbours(List<KeyValuePair<string, Tensor>> tensors, string name, IReadOnlyList<Neighbour[]> lists)
    {
        var width = lists.Select(list => list.Length).DefaultIfEmpty(0).Max();
        if (width == 0) return;
        var ids = new long[Ids.Length * width];
        var values = new double[Ids.Length * width];
        Array.Fill(ids, -1);
        Array.Fill(values, double.NaN);
        for (var row = 0; row < Ids.Length; row++)
        {
            for (var i = 0; i < lists[row].Length; i++) (ids[(row * width) + i], values[(row * width) + i]) = (lists[row][i].Class, lists[row][i].Value);
        }
        tensors.Add(new(name + ClassTableColumns.NeighbourIds, tensor(ids, [Ids.Length, width])));
        tensors.Add(new(name + ClassTableColumns.NeighbourValues, tensor(values, [Ids.Length, width])));
    }

    private void AddCoordinates(List<KeyValuePair<string, Tensor>> tensors)
    {
        var width = Principal.Shares.Count;
        if (width > 0) tensors.Add(new(ClassTableColumns.Coordinates, tensor(Principal.Coordinates.SelectMany(row => row).ToArray(), [Ids.Length, width])));
    }

    private void AddTexts(List<KeyValuePair<string, Tensor>> tensors)
    {
        if (Texts.Count == 0) return;
        var bytes = new List<byte>();
        var ends = new long[Texts.Count];
        for (var row = 0; row < Texts.Count; row++)
        {
            bytes.AddRange(System.Text.Encoding.UTF8.GetBytes(Texts[row]));
            ends[row] = bytes.Count;
        }
        tensors.Add(new(ClassTableColumns.Text, tensor(bytes.ToArray())));
        tensors.Add(new(ClassTableColumns.TextEnds, tensor(ends)));
    }
}
