using Xunit.Abstractions;
using Xunit.Sdk;

namespace NcService.Torch.Tests;

/// <summary>A theory whose first argument names an operator or an overload; those that <see cref="Departures"/> lists are skipped, each with its reason.</summary>
[AttributeUsage(AttributeTargets.Method)]
[XunitTestCaseDiscoverer("NcService.Torch.Tests." + nameof(OperatorTheoryDiscoverer), "NcService.Torch.Tests")]
internal sealed class OperatorTheoryAttribute : TheoryAttribute;

/// <summary>Finds the cases of an <see cref="OperatorTheoryAttribute"/>.</summary>
public sealed class OperatorTheoryDiscoverer(IMessageSink messages) : TheoryDiscoverer(messages)
{
    protected override IEnumerable<IXunitTestCase> CreateTestCasesForDataRow(ITestFrameworkDiscoveryOptions discoveryOptions, ITestMethod testMethod, IAttributeInfo theoryAttribute, object[] dataRow) =>
        Departures.OfOperator((string)dataRow[0]) is { } reason
            ? CreateTestCasesForSkippedDataRow(discoveryOptions, testMethod, theoryAttribute, dataRow, reason)
            : base.CreateTestCasesForDataRow(discoveryOptions, testMethod, theoryAttribute, dataRow);
}
