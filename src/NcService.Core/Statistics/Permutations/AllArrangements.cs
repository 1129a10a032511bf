namespace NcService.Core.Statistics;

/// <summary>
/// Every distinct arrangement of y within its strata, each once: equal values are not told apart, so that 10 of 21 labels have 352,716
/// arrangements and not 21!. Each stands for equally many permutations, so shares are the same. Ranked by mixed radix over the strata and
/// lexicographically within each.
/// </summary>
internal sealed unsafe class AllArrangements : ArrangementSource
{
    private readonly Stratum[] _strata;
    private readonly double[][] _copies;

    public AllArrangements(PermutationProblem problem)
        : base(problem)
    {
        _strata = new Stratum[problem.StratumLengths.Length];
        var first = 0;
        for (var i = 0; i < _strata.Length; i++)
        {
            _strata[i] = new Stratum(first, problem.Y.AsSpan(first, problem.StratumLengths[i]), problem.FixedY.AsSpan(first, problem.StratumLengths[i]));
            first += problem.StratumLengths[i];
        }
        _copies = [.. Enumerable.Range(0, Lanes).Select(_ => new double[problem.RowCount])];
    }

    /// <summary>How many distinct arrangements there are, or null where they are more than <paramref name="limit"/>.</summary>
    public static long? Count(PermutationProblem problem, long limit)
    {
        var product = (Int128)1;
        var first = 0;
        foreach (var length in problem.StratumLengths)
        {
            var taken = 0;
            foreach (var multiplicity in problem.Y.AsSpan(first, length).ToArray().CountBy(value => value).Select(pair => pair.Value))
            {
                // C(taken + i, i) for i = 1, 2, …: every product is whole and never shrinks, so the first one beyond the limit decides.
                for (var i = 1; i <= multiplicity; i++)
                {
                    product = product * ++taken / i;
                    if (product > limit) return null;
                }
            }
            first += length;
        }
        return (long)product;
    }

    public override void Start(long block)
    {
        var rank = block * PermutationRun.BlockSize;
        foreach (var stratum in _strata) rank = stratum.Unrank(rank);
    }

    public override void Next()
    {
        for (var lane = 0; lane < Lanes; lane++)
        {
            foreach (var stratum in _strata) stratum.Write(Values + lane, _copies[lane]);
            // A stratum that has met all of its arrangements begins again and carries over to the next.
            foreach (var stratum in _strata)
            {
                if (stratum.Advance()) break;
            }
        }
    }

    public override void Copy(int lane, Span<double> y) => _copies[lane].CopyTo(y);

    private sealed class Stratum
    {
        private readonly int _first;
        private readonly double[] _values;
        private readonly short[] _fixed;
        private readonly int[] _multiplicities;
        private readonly int[] _codes;
        private readonly long _count;

        public Stratum(int first, ReadOnlySpan<double> y, ReadOnlySpan<short> fixedY)
        {
            _first = first;
            var distinct = new SortedDictionary<double, (int Count, short Fixed)>();
            for (var i = 0; i < y.Length; i++)
                distinct[y[i]] = (distinct.TryGetValue(y[i], out var entry) ? entry.Count + 1 : 1, fixedY[i]);
            _values = [.. distinct.Keys];
            _fixed = [.. distinct.Values.Select(entry => entry.Fixed)];
            _multiplicities = [.. distinct.Values.Select(entry => entry.Count)];
            _codes = new int[y.Length];
            var count = 1L;
            var taken = 0;
            foreach (var multiplicity in _multiplicities)
            {
                for (var i = 1; i <= multiplicity; i++) count = count * ++taken / i;
            }
            _count = count;
        }

        /// <summary>Takes the arrangement of that rank modulo their number; returns the quotient.</summary>
        public long Unrank(long rank)
        {
            var left = (int[])_multiplicities.Clone();
            var within = rank % _count;
            var arrangements = _count;
            for (var i = 0; i < _codes.Length; i++)
            {
                for (var code = 0; ; code++)
                {
                    var beginning = (long)((Int128)arrangements * left[code] / (_codes.Length - i));
                    if (within < beginning)
                    {
                        (arrangements, _codes[i]) = (beginning, code);
                        left[code]--;
                        break;
                    }
                    within -= beginning;
                }
            }
            return rank / _count;
        }

        /// <summary>Goes to the lexicographically next arrangement; false where the last was reached and the first was taken.</summary>
        public bool Advance()
        {
            var i = _codes.Length - 2;
            while (i >= 0 && _codes[i] >= _codes[i + 1]) i--;
            if (i < 0)
            {
                Array.Reverse(_codes);
                return false;
            }
            var j = _codes.Length - 1;
            while (_codes[j] <= _codes[i]) j--;
            (_codes[i], _codes[j]) = (_codes[j], _codes[i]);
            Array.Reverse(_codes, i + 1, _codes.Length - i - 1);
            return true;
        }

        public void Write(short* lane, double[] copy)
        {
            for (var i = 0; i < _codes.Length; i++)
            {
                lane[(_first + i) * Lanes] = _fixed[_codes[i]];
                copy[_first + i] = _values[_codes[i]];
            }
        }
    }
}
