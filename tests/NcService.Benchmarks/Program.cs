// Measures against named peers: ours and the peer's rounds alternate in the same run, and medians are compared.
// Arguments choose rows by words of their names (`collapse pairwise`); without any, all but the long ones run. `list` names them.
using NcService.Benchmarks;
using TorchSharp;

if (args is [TrainingServer.Argument, .. var sizes])
{
    TrainingServer.Run(sizes);
    return 0;
}
BenchmarkRow[] rows = [.. TensorRows.All, .. CollapseRows.All, .. StatisticsRows.All, .. TextRows.All, .. TrainingRows.All];
if (args is ["list"])
{
    foreach (var row in rows) Console.WriteLine(row.Long ? $"{row.Name} (only by name)" : row.Name);
    return 0;
}
var chosen = rows.Where(row => args.Length == 0 ? !row.Long : row.IsNamedBy(args)).ToArray();
if (chosen.Length == 0)
{
    Console.Error.WriteLine($"No benchmark is named by \"{string.Join(' ', args)}\"; `list` names them all.");
    return 2;
}
torch.set_num_threads(Environment.ProcessorCount);
Console.WriteLine($"{Environment.ProcessorCount} threads; medians of alternating rounds; memory beyond the inputs");
foreach (var row in chosen) row.Run();
return 0;
