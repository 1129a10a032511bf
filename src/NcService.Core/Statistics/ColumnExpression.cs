namespace NcService.Core.Statistics;

/// <summary>Arithmetic over columns, evaluated row by row.</summary>
internal abstract record ColumnExpression
{
    /// <summary>Parses the text; every name must be one of <paramref name="columns"/>.</summary>
    public static ColumnExpression Parse(string text, IReadOnlyList<string> columns) => new ColumnExpressionParser(text, columns).Parse();

    /// <summary>The value for each row, [rows].</summary>
    public abstract double[] Evaluate(DataTable table);

    internal sealed record Number(double Value) : ColumnExpression
    {
        public override double[] Evaluate(DataTable table)
        {
            var values = new double[table.RowCount];
            Array.Fill(values, Value);
            return values;
        }
    }

    internal sealed record Column(string Name) : ColumnExpression
    {
        public override double[] Evaluate(DataTable table) => table.Numbers(Name);
    }

    internal sealed record Unary(Func<double, double> Function, ColumnExpression Argument) : ColumnExpression
    {
        public override double[] Evaluate(DataTable table) => Array.ConvertAll(Argument.Evaluate(table), value => Function(value));
    }

    internal sealed record Binary(Func<double, double, double> Function, ColumnExpression Left, ColumnExpression Right) : ColumnExpression
    {
        public override double[] Evaluate(DataTable table)
        {
            var left = Left.Evaluate(table);
            var right = Right.Evaluate(table);
            for (var row = 0; row < left.Length; row++) left[row] = Function(left[row], right[row]);
            return left;
        }
    }
}
