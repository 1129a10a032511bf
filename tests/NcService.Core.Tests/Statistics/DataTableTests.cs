using NcService.Core.Statistics;

namespace NcService.Core.Tests.Statistics;

public sealed class DataTableTests
{
    private const string Csv = """
        ,model,width,val_loss,note,val loss
        0,a1@0,64,2.5,first,1
        1,a2@0,128,,second,2
        2,b1@1,256,1.5,"with, comma",3
        3,b[x],512,NaN,,4
        """;

    private static DataTable Table => DataTable.ReadCsv(new StringReader(Csv));

    [Fact]
    public void First_named_column_holds_the_names()
    {
        Assert.Equal(["model", "width", "val_loss", "note", "val loss"], Table.Columns);
        Assert.Equal(["a1@0", "a2@0", "b1@1", "b[x]"], Table.RowNames);
        Assert.Equal("with, comma", Table.Text("note")[2]);
    }

    [Theory]
    [InlineData("a*", "a1@0 a2@0")]
    [InlineData("?1@?", "a1@0 b1@1")]
    [InlineData("[ab]1@[0-9]", "a1@0 b1@1")]
    [InlineData("[!a]*", "b1@1 b[x]")]
    [InlineData("b[[]x]", "b[x]")]
    [InlineData("b[x", "")]
    [InlineData("A*", "")]
    [InlineData("a1@0*", "a1@0")]
    [InlineData("*", "a1@0 a2@0 b1@1 b[x]")]
    public void Globs_choose_rows_by_whole_name(string glob, string expected)
    {
        if (expected.Length > 0) Assert.Equal(expected.Split(' '), Table.WhereMatches([glob]).RowNames);
        else Assert.Contains($"'{glob}'", Assert.Throws<InputException>(() => Table.WhereMatches([glob])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Several_globs_are_a_union_in_the_order_of_the_table() =>
        Assert.Equal(["a1@0", "b1@1", "b[x]"], Table.WhereMatches(["b*", "a1*", "b1*"]).RowNames);

    [Fact]
    public void No_glob_keeps_every_row() => Assert.Equal(4, Table.WhereMatches([]).RowCount);

    [Theory]
    [InlineData("width", 64)]
    [InlineData("2", 2)]
    [InlineData("1e-3", 1e-3)]
    [InlineData(" width / 2 + 1 ", 33)]
    [InlineData("1+2*3", 7)]
    [InlineData("(1+2)*3", 9)]
    [InlineData("8-4-2", 2)]
    [InlineData("8/4/2", 1)]
    [InlineData("2^3^2", 512)]
    [InlineData("-2^2", -4)]
    [InlineData("2^-1", 0.5)]
    [InlineData("--3", 3)]
    [InlineData("log(exp(2))", 2)]
    [InlineData("log10(1000)", 3)]
    [InlineData("sqrt(width)", 8)]
    [InlineData("abs(-width)", 64)]
    [InlineData("val_loss/(val_loss+width)", 2.5 / 66.5)]
    [InlineData("val loss", 1)]
    [InlineData("\"val loss\"*2", 2)]
    public void Expressions_are_evaluated_row_by_row(string expression, double first)
    {
        var values = Table.Evaluate(expression);
        Assert.Equal(4, values.Length);
        Assert.Equal(first, values[0], 13);
    }

    [Fact]
    public void Missing_cells_are_NaN_and_stay_so_in_arithmetic()
    {
        Assert.Equal([2.5, double.NaN, 1.5, double.NaN], Table.Evaluate("val_loss"));
        Assert.Equal([5, double.NaN, 3, double.NaN], Table.Evaluate("2*val_loss"));
    }

    [Theory]
    [InlineData("widht*2", "no column 'widht'; did you mean 'width'?, at character 1 of 'widht*2'")]
    [InlineData("2*(width+val_los)", "no column 'val_los'; did you mean 'val_loss'?, at character 10 of")]
    [InlineData("zzzzzzzzz", "no column 'zzzzzzzzz', at character 1")]
    [InlineData("(width", "the '(' at character 1 is not closed, at character 7")]
    [InlineData("width)", "unexpected ')', at character 6")]
    [InlineData("width+", "a column, a number or '(' is missing, at character 7")]
    [InlineData("", "a column, a number or '(' is missing, at character 1")]
    [InlineData("width $ 2", "unexpected '$', at character 7")]
    [InlineData("sin(width)", "no function 'sin' (there are log, log10, sqrt, abs, exp), at character 1")]
    [InlineData("1.2.3", "'1.2.3' is not a number, at character 1")]
    [InlineData("2 width", "unexpected 'w', at character 3")]
    [InlineData("\"width", "the \" is not closed, at character 1")]
    public void Mistakes_are_named_with_their_place(string expression, string message) =>
        Assert.Contains(message, Assert.Throws<InputException>(() => Table.Evaluate(expression)).Message, StringComparison.Ordinal);

    [Fact]
    public void Hostile_nesting_is_refused()
    {
        Assert.Contains("nested deeper", Fault(new string('(', 1999)), StringComparison.Ordinal);
        Assert.Contains("nested deeper", Fault(new string('-', 1999)), StringComparison.Ordinal);
        Assert.Contains("2001 characters", Fault(new string('1', 2001)), StringComparison.Ordinal);
        string Fault(string expression) => Assert.Throws<InputException>(() => Table.Evaluate(expression)).Message;
    }

    [Fact]
    public void Text_in_arithmetic_is_refused_with_row_and_cell() => Assert.Equal(
        "column 'note', row 'a1@0': 'first' is not a number", Assert.Throws<InputException>(() => Table.Evaluate("note+1")).Message);

    [Theory]
    [InlineData("", "has no header line")]
    [InlineData("a,b,a\n1,2,3\n", "column 'a' occurs 2 times")]
    [InlineData("a,b\n1,2\n1,2,3\n", "line 3: 3 fields where the header has 2")]
    [InlineData("a,b\n1,\"2\n", "line 2: ")]
    public void Text_that_is_no_table_is_refused_with_its_line(string csv, string message) => Assert.Contains(
        message, Assert.Throws<InputException>(() => DataTable.ReadCsv(new StringReader(csv))).Message, StringComparison.Ordinal);

    [Fact]
    public void A_missing_file_is_refused() =>
        Assert.Contains("cannot read /no/such.csv", Assert.Throws<InputException>(() => DataTable.ReadCsv("/no/such.csv")).Message, StringComparison.Ordinal);

    [Fact]
    public void Numeric_columns_are_told_from_text()
    {
        Assert.True(Table.IsNumeric("val_loss"));
        Assert.False(Table.IsNumeric("note"));
        Assert.False(Table.IsNumeric("model"));
    }
}
