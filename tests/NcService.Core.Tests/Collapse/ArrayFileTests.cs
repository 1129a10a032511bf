using FsCheck;
using FsCheck.Fluent;
using NcService.Core.Arrays;
using NcService.Core.Collapse;
using NcService.Core.Models;
using static TorchSharp.torch;

namespace NcService.Core.Tests.Collapse;

public sealed class ArrayFileTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("ncservice-arrays-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private string Write(byte[] bytes)
    {
        var path = Path.Combine(folder, Path.GetRandomFileName() + ".npy");
        File.WriteAllBytes(path, bytes);
        return path;
    }

    private string Refusal(byte[] bytes) => Assert.Throws<InputException>(() => ArrayFile.Open(Write(bytes), "features")).Message;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Every_version_of_the_format_is_read(int version)
    {
        var file = ArrayFile.Open(Write(ArrayFiles.Npy([1, 2, 3, 4, 5.5, 6], 2, version)), "features");
        Assert.Equal("[3, 2]", file.ShapeText);
        using var rows = file.ReadRows(1, 2);
        Assert.Equal([3, 4, 5.5, 6], TensorMemory.ToDoubles(rows));
    }

    public static TheoryData<string, byte[], double[]> Types => new()
    {
        { "<f2", [.. new[] { 1.5, -2 }.SelectMany(value => BitConverter.GetBytes((Half)value))], [1.5, -2] },
        { "<f4", [.. new[] { 1.25f, -3 }.SelectMany(BitConverter.GetBytes)], [1.25, -3] },
        { "<f8", [.. new[] { 0.1, -3 }.SelectMany(BitConverter.GetBytes)], [0.1, -3] },
        { "|i1", [7, 0xFF], [7, -1] },
        { "|u1", [7, 0xFF], [7, 255] },
        { "<i2", [1, 1, 0xFF, 0xFF], [257, -1] },
        { "<i4", [.. new[] { 70_000, -5 }.SelectMany(BitConverter.GetBytes)], [70_000, -5] },
        { "<i8", [.. new[] { 1L << 40, -5 }.SelectMany(BitConverter.GetBytes)], [1L << 40, -5] },
    };

    [Theory]
    [MemberData(nameof(Types))]
    public void Every_type_of_number_is_read(string description, byte[] data, double[] expected)
    {
        using var values = ArrayFile.Open(Write(ArrayFiles.Npy(description, "(2,)", data)), "labels").ReadRows(0, 2);
        Assert.Equal(expected, TensorMemory.ToDoubles(values));
    }

    [Fact]
    public void What_NumPy_itself_wrote_is_read()
    {
        // numpy.save of numpy.arange(3, dtype="<i4"), as it left NumPy 1.24: header and data.
        byte[] bytes =
        [
            .. Convert.FromHexString("934E554D505901007600"), .. "{'descr': '<i4', 'fortran_order': False, 'shape': (3,), }"u8,
            .. Enumerable.Repeat((byte)' ', 60), (byte)'\n', 0, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0,
        ];
        Assert.Equal(128 + 12, bytes.Length);
        using var values = ArrayFile.Open(Write(bytes), "labels").ReadRows(0, 3);
        Assert.Equal([0, 1, 2], TensorMemory.ToLongs(values));
    }

    [Fact]
    public void A_tensor_of_a_safetensors_file_is_found_by_its_name_or_where_it_is_alone()
    {
        var path = Path.Combine(folder, "a.safetensors");
        using var features = tensor(new double[] { 1, 2, 3, 4 }, [2, 2]).to(ScalarType.Float32);
        using var labels = tensor(new long[] { 1, 0 });
        SafeTensors.Write(path, [new("features", features), new("labels", labels)]);
        using var read = ArrayFile.Open(path, "labels").ReadRows(0, 2);
        Assert.Equal([1, 0], TensorMemory.ToLongs(read));
        Assert.Contains("there is no tensor 'classifier'; it has features, labels", Assert.Throws<InputException>(() => ArrayFile.Open(path, "classifier")).Message);
        SafeTensors.Write(path, [new("anything", features)]);
        Assert.Equal("[2, 2]", ArrayFile.Open(path, "features").ShapeText);
    }

    [Fact]
    public void What_is_no_readable_array_is_refused_with_the_reason()
    {
        byte[] data = [.. new double[] { 1, 2, 3, 4 }.SelectMany(BitConverter.GetBytes)];
        Assert.Contains("Fortran order", Refusal(ArrayFiles.Npy("<f8", "(2, 2)", data, order: "True")));
        Assert.Contains("big-endian", Refusal(ArrayFiles.Npy(">f8", "(2, 2)", data)));
        Assert.Contains("Python objects", Refusal(ArrayFiles.Npy("|O", "(4,)", data)));
        Assert.Contains("type '<U4'", Refusal(ArrayFiles.Npy("<U4", "(2,)", data)));
        Assert.Contains("needs 48 bytes after the header; the file has 32", Refusal(ArrayFiles.Npy("<f8", "(3, 2)", data)));
        Assert.Contains("needs 16 bytes after the header; the file has 32", Refusal(ArrayFiles.Npy("<f8", "(2,)", data)));
        Assert.Contains("larger than any file", Refusal(ArrayFiles.Npy("<f8", "(4000000000, 4000000000)", data)));
        Assert.Contains("version is 4.0", Refusal(ArrayFiles.Npy("<f8", "(2, 2)", data, version: 4)));
        Assert.Contains("several fields", Refusal(ArrayFiles.Raw("{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (4,)}", data)));
        Assert.Contains("'shape' is missing", Refusal(ArrayFiles.Raw("{'descr': '<f8', 'fortran_order': False}", data)));
        Assert.Contains("twice", Refusal(ArrayFiles.Raw("{'descr': '<f8', 'descr': '<f8', 'fortran_order': False, 'shape': (4,)}", data)));
        Assert.Contains("whole numbers", Refusal(ArrayFiles.Npy("<f8", "(-4,)", data)));
        Assert.Contains("must be a tuple", Refusal(ArrayFiles.Npy("<f8", "(4)", data)));
        Assert.Contains("True or False", Refusal(ArrayFiles.Npy("<f8", "(4,)", data, order: "__import__('os')")));
        Assert.Contains("neither a .npy nor a safetensors file", Refusal([.. "{\"K\": 2}"u8]));
        Assert.Contains("cannot be read", Assert.Throws<InputException>(() => ArrayFile.Open(Path.Combine(folder, "absent.npy"), "features")).Message);
    }

    [Fact]
    public void Shapes_and_types_that_do_not_fit_their_part_are_refused()
    {
        var matrix = ArrayFile.Open(Write(ArrayFiles.Npy([1, 2, 3, 4], 2)), "features");
        var list = ArrayFile.Open(Write(ArrayFiles.Npy([0, 1])), "labels");
        Assert.Contains("must be a matrix [rows, d], not [2]", Assert.Throws<InputException>(() => list.RequireMatrix()).Message);
        Assert.Contains("must be a matrix [rows, 3], not [2, 2]", Assert.Throws<InputException>(() => matrix.RequireMatrix(3)).Message);
        Assert.Contains("must be [3], one class id for each row", Assert.Throws<InputException>(() => list.RequireLabels(3)).Message);
        var floats = ArrayFile.Open(Write(ArrayFiles.Npy("<f8", "(2,)", new byte[16])), "labels");
        Assert.Contains("must be integers, not F64", Assert.Throws<InputException>(() => floats.RequireLabels(2)).Message);
    }

    [Fact]
    public void Whatever_bytes_a_file_holds_it_is_read_or_refused()
    {
        // A sound file with some bytes changed, cut off or lengthened: an answer or an InputException, nothing else, and never more data than there is.
        byte[][] sound = [ArrayFiles.Npy([1, 2, 3, 4, 5, 6], 2), ArrayFiles.Npy([1, 2, 3], 3, version: 3), ArrayFiles.Npy([5, 6])];
        var path = Path.Combine(folder, "fuzzed.npy");
        Prop.ForAll(
            ArbMap.Default.ArbFor<(int Which, (int Position, byte Value)[] Changes, int Length)>(),
            fuzz =>
            {
                var bytes = (byte[])sound[Math.Abs(fuzz.Which % sound.Length)].Clone();
                foreach (var (position, value) in fuzz.Changes ?? []) bytes[Math.Abs(position % bytes.Length)] = value;
                if (fuzz.Length % 3 == 0) Array.Resize(ref bytes, Math.Abs(fuzz.Length * 7) % 400);
                File.WriteAllBytes(path, bytes);
                try
                {
                    var file = ArrayFile.Open(path, "features");
                    if (file.Shape.Count > 0) file.ReadRows(0, file.Shape[0]).Dispose();
                }
                catch (InputException exception)
                {
                    Assert.NotEmpty(exception.Message);
                }
            }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));
    }
}
