using NcService.Core.Collapse;
using static TorchSharp.torch;

namespace NcService.Core.Tests.Collapse;

public sealed class ClassTableTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("ncservice-table-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private static string Text(int id) => id switch { 3 => "=SUM(A1)", 5 => " The, \"cat\"", _ => $" token{id}" };

    private static CollapseInputs Inputs(out double[] features, out long[] labels, int classes = 40, int dimension = 6)
    {
        (features, labels) = Samples.Random(21, classes, dimension, 400);
        var statistics = Samples.Statistics(features, labels, classes + 1, dimension);
        var random = new Random(4);
        var classifier = Samples.Matrix(Samples.Gaussian(random, (classes + 1) * dimension), dimension);
        using var decisions = new DecisionAccumulator(statistics, classifier);
        using var all = Samples.Matrix(features[..(100 * dimension)], dimension);
        using var ids = tensor(labels[..100]);
        decisions.Add(all, ids);
        return new CollapseInputs(statistics) { Classifier = classifier, Validation = decisions.Finish(), ValidationByClass = decisions.ByClass };
    }

    [Fact]
    public void Every_column_is_what_its_definition_gives()
    {
        using var inputs = Inputs(out var features, out var labels);
        var (measurements, details, table) = CollapseMeasurements.MeasureInDetail(inputs, new MeasurementOptions(), 4, Text, default);
        MeasurementComparison.AssertSame(CollapseMeasurements.Measure(inputs), measurements);

        // The slow way: everything from the samples themselves.
        const int Classes = 40, Dimension = 6;
        var members = Enumerable.Range(0, Classes).Select(c => Enumerable.Range(0, labels.Length).Where(i => labels[i] == c).ToArray()).ToArray();
        var means = members.Select(rows => Enumerable.Range(0, Dimension).Select(k => rows.Average(i => features[(i * Dimension) + k])).ToArray()).ToArray();
        var global = Enumerable.Range(0, Dimension).Select(k => means.Average(mean => mean[k])).ToArray();
        var centred = means.Select(mean => mean.Zip(global, (x, g) => x - g).ToArray()).ToArray();
        var weights = TensorMemory.ToDoubles(inputs.Classifier!).Chunk(Dimension).ToArray();
        static double Dot(double[] a, double[] b) => a.Zip(b, (x, y) => x * y).Sum();
        static double Norm(double[] a) => Math.Sqrt(Dot(a, a));
        Assert.Equal(Enumerable.Range(0, Classes), table.Ids);
        for (var c = 0; c < Classes; c++)
        {
            Assert.Equal(members[c].Length, table.Counts[c]);
            Assert.Equal(Norm(centred[c]), table.Norms[c], 1e-10);
            Assert.Equal(members[c].Average(i => Enumerable.Range(0, Dimension).Sum(k => Math.Pow(features[(i * Dimension) + k] - means[c][k], 2))), table.Variances[c], 1e-10);
            Assert.Equal(Dot(weights[c], centred[c]) / Norm(weights[c]) / Norm(centred[c]), table.SelfDuality[c], 1e-10);
            Assert.Equal(Text(c), table.Texts[c]);
            Assert.Equal(labels.Take(100).Count(label => label == c), table.ValidationSamples[c]);

            var byDistance = Enumerable.Range(0, Classes).Where(o => o != c).OrderBy(o => Norm([.. means[c].Zip(means[o], (x, y) => x - y)])).Take(4).ToArray();
            Assert.Equal(byDistance, table.NearestByDistance[c].Select(neighbour => neighbour.Class));
            Assert.Equal(Norm([.. means[c].Zip(means[byDistance[0]], (x, y) => x - y)]), table.NearestByDistance[c][0].Value, 1e-9);
            var byCosine = Enumerable.Range(0, Classes).Where(o => o != c).OrderByDescending(o => Dot(centred[c], centred[o]) / Norm(centred[o])).Take(4).ToArray();
            Assert.Equal(byCosine, table.NearestByCosine[c].Select(neighbour => neighbour.Class));
        }
        Assert.Equal(inputs.Validation!.Agreements, table.Agreement.Zip(table.ValidationSamples, (share, samples) => samples == 0 ? 0 : share * samples).Sum(), 1e-9);
        Assert.Equal(inputs.Validation.LinearCorrect, table.Accuracy.Zip(table.ValidationSamples, (share, samples) => samples == 0 ? 0 : share * samples).Sum(), 1e-9);

        // The principal coordinates hold the largest part of the spread, along perpendicular directions.
        var spread = centred.Sum(mean => Dot(mean, mean));
        for (var axis = 0; axis < 3; axis++)
        {
            Assert.Equal(table.Principal.Shares[axis], table.Principal.Coordinates.Sum(row => row[axis] * row[axis]) / spread, 1e-9);
            for (var other = 0; other < axis; other++) Assert.Equal(0, table.Principal.Coordinates.Sum(row => row[axis] * row[other]) / spread, 1e-9);
        }
        Assert.Equal(table.Principal.Shares.OrderDescending(), table.Principal.Shares);
        Assert.Equal(["norms", "lognorms", "variance", "selfdual", "cdnv", "interference", "logdist", "logdist_uncentred"], details.Distributions.Select(distribution => distribution.Name));
        Assert.All(details.Distributions, distribution =>
        {
            Assert.Equal(distribution.Counts.Count + 1, distribution.Edges.Count);
            Assert.Equal(distribution.Over == "pairs" ? Classes * (Classes - 1) / 2 : Classes, distribution.Counts.Sum());
        });
        Assert.Equal(
            table.Norms.Count(norm => norm >= details.Distributions[0].Edges[10] && norm < details.Distributions[0].Edges[20]), details.Distributions[0].Counts.Skip(10).Take(10).Sum());
    }

    [Fact]
    public void Three_dimensions_keep_their_distances_as_principal_coordinates()
    {
        using var inputs = Inputs(out _, out _, classes: 9, dimension: 3);
        var (_, _, table) = CollapseMeasurements.MeasureInDetail(inputs, new MeasurementOptions(), 8, null, default);
        Assert.Equal(1, table.Principal.Shares.Sum(), 1e-12);
        for (var c = 0; c < table.Ids.Length; c++)
        {
            foreach (var neighbour in table.NearestByDistance[c])
            {
                var distance = Math.Sqrt(table.Principal.Coordinates[c].Zip(table.Principal.Coordinates[neighbour.Class], (x, y) => (x - y) * (x - y)).Sum());
                Assert.Equal(neighbour.Value, distance, 1e-9);
            }
        }
    }

    [Fact]
    public void A_saved_table_is_sorted_searched_and_read_by_pages()
    {
        using var inputs = Inputs(out _, out _);
        var (_, _, table) = CollapseMeasurements.MeasureInDetail(inputs, new MeasurementOptions(), 3, Text, default);
        var path = Path.Combine(folder, "table.safetensors");
        table.Save(path);
        using var file = ClassTableFile.Open(path);
        Assert.Equal(40, file.Count);

        var page = file.Query(new ClassTableQuery { Sort = "count", Descending = true, Skip = 5, Take = 7 });
        Assert.Equal(40, page.Total);
        Assert.Equal(table.Ids.OrderByDescending(id => table.Counts[id]).ThenBy(id => id).Skip(5).Take(7), page.Rows.Select(row => row.Id));
        Assert.All(page.Rows, row =>
        {
            Assert.Equal((table.Counts[row.Id], table.Norms[row.Id], Text(row.Id)), (row.Count, row.Norm, row.Text));
            Assert.Equal(table.NearestByCosine[row.Id].Select(neighbour => (neighbour.Class, neighbour.Value)), row.NearestByCosine.Select(neighbour => (neighbour.Id, neighbour.Value)));
            Assert.All(row.NearestByDistance, neighbour => Assert.Equal(Text(neighbour.Id), neighbour.Text));
            Assert.Equal(table.Principal.Coordinates[row.Id], row.PrincipalCoordinates);
        });

        // Classes that no validation sample belongs to have no agreement: last in either direction.
        foreach (var descending in (bool[])[false, true])
        {
            var rows = file.Query(new ClassTableQuery { Sort = "agreement", Descending = descending, Take = 100 }).Rows;
            var defined = rows.TakeWhile(row => row.Agreement is not null).Select(row => row.Agreement!.Value).ToArray();
            Assert.Equal(table.Agreement.Count(share => !double.IsNaN(share)), defined.Length);
            Assert.Equal(descending ? defined.OrderDescending() : defined.Order(), defined);
            Assert.All(rows.Skip(defined.Length), row => Assert.Null(row.Agreement));
        }
        Assert.Equal([5], file.Query(new ClassTableQuery { Search = "CAT" }).Rows.Select(row => row.Id));
        Assert.Equal([7, 17, 27, 37], file.Query(new ClassTableQuery { Search = "7" }).Rows.Select(row => row.Id));
        Assert.Equal([3], file.Query(new ClassTableQuery { Search = "3", Take = 1 }).Rows.Select(row => row.Id));
        Assert.Empty(file.Query(new ClassTableQuery { Search = "absent" }).Rows);
        Assert.Contains("cannot be sorted by 'colour'", Assert.Throws<InputException>(() => file.Query(new ClassTableQuery { Sort = "colour" })).Message);
        var points = file.Points(10);
        Assert.Equal(table.Ids.OrderByDescending(id => table.Counts[id]).ThenBy(id => id).Take(10).Order(), points.Select(point => point.Id));
        Assert.All(points, point => Assert.Equal(table.Principal.Coordinates[point.Id], point.Coordinates));
    }

    [Fact]
    public void As_CSV_it_has_a_line_for_each_class_and_no_formula()
    {
        using var inputs = Inputs(out _, out _);
        var (_, _, table) = CollapseMeasurements.MeasureInDetail(inputs, new MeasurementOptions(), 2, Text, default);
        using var writer = new StringWriter();
        ClassTableCsv.Write(table, writer);
        var lines = writer.ToString().Split("\r\n");
        Assert.Equal(42, lines.Length);
        Assert.Equal("id,text,count,norm,variance,self_duality,validation_samples,agreement,accuracy,nearest_by_distance,nearest_by_cosine,pc1,pc2,pc3", lines[0]);
        Assert.StartsWith("3,'=SUM(A1),", lines[4], StringComparison.Ordinal);
        Assert.StartsWith("5,\" The, \"\"cat\"\"\",", lines[6], StringComparison.Ordinal);
        Assert.Contains($",{table.NearestByDistance[0][0].Class}:", lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public void One_class_and_a_file_of_something_else_have_no_surprises()
    {
        var statistics = Samples.Statistics([1, 2, 3, 4], [0, 0], 1, 2);
        using var inputs = new CollapseInputs(statistics);
        var (_, details, table) = CollapseMeasurements.MeasureInDetail(inputs, new MeasurementOptions(), 3, null, default);
        var path = Path.Combine(folder, "one.safetensors");
        table.Save(path);
        using (var file = ClassTableFile.Open(path))
        {
            var row = Assert.Single(file.Query(new ClassTableQuery()).Rows);
            Assert.Null(row.SelfDuality);
            Assert.Null(row.Text);
            Assert.Empty(row.NearestByDistance);
        }
        Assert.Equal([0, 1], details.Distributions.Take(2).Select(distribution => distribution.Counts.Count == 0 ? 1 : 0));
        statistics.Save(path);
        Assert.Contains("no per-class table", Assert.Throws<InputException>(() => ClassTableFile.Open(path)).Message);
    }
}
