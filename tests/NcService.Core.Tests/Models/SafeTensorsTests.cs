using NcService.Core.Models;
using static TorchSharp.torch;

namespace NcService.Core.Tests.Models;

public sealed class SafeTensorsTests : IDisposable
{
    private readonly string _path = Path.Combine(Directory.CreateTempSubdirectory("ncservice-safetensors-").FullName, "x.safetensors");

    public void Dispose() => Directory.Delete(Path.GetDirectoryName(_path)!, recursive: true);

    [Fact]
    public void Write_then_Read_gives_every_type_shape_and_value_back()
    {
        using var scope = NewDisposeScope();
        var numbers = arange(0, 24, dtype: ScalarType.Float32).view(2, 3, 4) - 11.5;
        var tensors = new Dictionary<string, Tensor>
        {
            ["strided"] = numbers.transpose(0, 2),
            ["scalar"] = tensor(3.25f),
            ["empty"] = zeros(0, 7),
        };
        foreach (var type in (ReadOnlySpan<ScalarType>)[ScalarType.Bool, ScalarType.Byte, ScalarType.Int8, ScalarType.Int16, ScalarType.Int32, ScalarType.Int64,
            ScalarType.Float16, ScalarType.BFloat16, ScalarType.Float32, ScalarType.Float64])
        {
            tensors[type.ToString()] = numbers.abs().to(type);
        }

        SafeTensors.Write(_path, tensors, new Dictionary<string, string> { ["ключ"] = "значение \"quoted\"" });
        using var content = SafeTensors.Read(_path);

        Assert.Equal("значение \"quoted\"", content.Metadata["ключ"]);
        Assert.Equal(tensors.Keys.Order(), content.Tensors.Keys.Order());
        foreach (var (name, expected) in tensors)
        {
            var actual = content.Tensors[name];
            Assert.Equal(expected.dtype, actual.dtype);
            Assert.Equal(expected.shape, actual.shape);
            Assert.True(expected.eq(actual).all().item<bool>(), name);
        }
    }

    [Fact]
    public void Data_begin_at_a_multiple_of_64_bytes()
    {
        using var scope = NewDisposeScope();
        SafeTensors.Write(_path, new Dictionary<string, Tensor> { ["a"] = ones(3) });
        Assert.Equal(0, SafeTensorsHeader.Read(_path).DataOffset % 64);
    }

    [Fact]
    public void Read_takes_only_the_wanted_tensors()
    {
        using var scope = NewDisposeScope();
        SafeTensors.Write(_path, new Dictionary<string, Tensor> { ["a"] = ones(3), ["b"] = full(2, 5f) });
        using var content = SafeTensors.Read(_path, wanted: name => name == "b");
        Assert.Equal([5f, 5f], Assert.Single(content.Tensors).Value.data<float>().ToArray());
    }

    [Fact]
    public void A_truncated_file_is_refused()
    {
        using var scope = NewDisposeScope();
        SafeTensors.Write(_path, new Dictionary<string, Tensor> { ["a"] = ones(3) });
        using (var stream = File.OpenWrite(_path)) stream.SetLength(stream.Length - 1);
        Assert.Throws<InputException>(() => SafeTensors.Read(_path));
    }
}
