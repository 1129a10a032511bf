namespace NcService.Core.Statistics;

/// <summary>Random arrangements made one by one, for strata too long for <see cref="LaneShuffles"/>.</summary>
internal sealed unsafe class RowShuffles : ArrangementSource
{
    private readonly ulong _seed;
    private readonly Shuffler[] _shufflers;
    private readonly int[][] _orders;
    private RandomStream _random;

    public RowShuffles(PermutationProblem problem, ulong seed)
        : base(problem)
    {
        _seed = seed;
        _shufflers = [.. problem.StratumLengths.Select(length => new Shuffler(length))];
        _orders = [.. Enumerable.Range(0, Lanes).Select(_ => new int[problem.RowCount])];
    }

    public override void Start(long block) => _random = new RandomStream(_seed, (ulong)block);

    public override void Next()
    {
        for (var lane = 0; lane < Lanes; lane++)
        {
            var order = _orders[lane];
            for (var i = 0; i < order.Length; i++) order[i] = i;
            var first = 0;
            foreach (var shuffler in _shufflers)
            {
                shuffler.Shuffle(order.AsSpan(first, shuffler.Count), ref _random);
                first += shuffler.Count;
            }
            for (var i = 0; i < order.Length; i++) Values[i * Lanes + lane] = Problem.FixedY[order[i]];
        }
    }

    public override void Copy(int lane, Span<double> y)
    {
        var order = _orders[lane];
        for (var i = 0; i < y.Length; i++) y[i] = Problem.Y[order[i]];
    }
}
