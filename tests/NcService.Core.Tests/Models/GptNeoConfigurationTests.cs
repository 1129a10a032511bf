using System.Globalization;
using System.Text.Json.Nodes;
using NcService.Core.Models;

namespace NcService.Core.Tests.Models;

public sealed class GptNeoConfigurationTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ncservice-configuration-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [SharedFact]
    public void ParameterCount_is_n_params_of_all_thirty_published_architectures()
    {
        var published = File.ReadLines(SharedData.Path("golden/paper/lc-2024_10_24.csv")).Skip(1)
            .Select(line => line.Split(','))
            .DistinctBy(row => row[0][..7])
            .ToDictionary(row => row[0][..7], row => long.Parse(row[1], CultureInfo.InvariantCulture));

        Assert.Equal(30, published.Count);
        foreach (var (name, count) in published)
        {
            var configuration = GptNeoConfiguration.Create(
                width: int.Parse(name[3..], CultureInfo.InvariantCulture), depth: int.Parse(name[..2], CultureInfo.InvariantCulture), 50257, 2048);
            Assert.Equal(count, configuration.ParameterCount);
            Assert.Equal(16, configuration.NumHeads);
        }
    }

    [Theory]
    [InlineData(8, 2)]
    [InlineData(16, 4)]
    [InlineData(20, 5)]
    [InlineData(48, 12)]
    [InlineData(64, 16)]
    [InlineData(1024, 16)]
    [InlineData(3, 1)]
    public void DefaultHeads_divide_the_width_and_are_the_studys_sixteen_from_64_on(int width, int heads) =>
        Assert.Equal(heads, GptNeoConfiguration.DefaultHeads(width));

    [Fact]
    public void Layers_alternate_global_and_local() =>
        Assert.Equal([AttentionKind.Global, AttentionKind.Local, AttentionKind.Global], GptNeoConfiguration.Create(32, 3, 100, 64).AttentionLayers);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(12)]
    public void Save_then_Load_gives_the_same_architecture_and_attention_types_that_expand_to_it(int depth)
    {
        var path = Path.Combine(_folder, "config.json");
        var saved = GptNeoConfiguration.Create(64, depth, 500, 128) with { WindowSize = 17, EosTokenId = 3, TieWordEmbeddings = false };
        saved.Save(path);
        var loaded = GptNeoConfiguration.Load(path);
        Assert.Equal(saved.AttentionLayers, loaded.AttentionLayers);
        Assert.Equal(saved with { AttentionLayers = [], Architectures = [] }, loaded with { AttentionLayers = [], Architectures = [] });
    }

    [SharedFact]
    public void Load_reads_Hugging_Faces_file()
    {
        var configuration = GptNeoConfiguration.Load(SharedData.Path("golden/gptneo/config.json"));
        Assert.Equal((32, 2, 4, 101, 64, 8),
            (configuration.HiddenSize, configuration.NumLayers, configuration.NumHeads, configuration.VocabSize, configuration.MaxPositionEmbeddings, configuration.WindowSize));
        Assert.Equal([AttentionKind.Global, AttentionKind.Local], configuration.AttentionLayers);
        Assert.Equal(30560, configuration.ParameterCount);
    }

    [Fact]
    public void Load_expands_attention_types_where_attention_layers_is_absent()
    {
        var path = Written(root =>
        {
            root.Remove("attention_layers");
            root["num_layers"] = 5;
            root["attention_types"] = JsonNode.Parse("""[[["global", "local"], 2], [["local"], 1]]""");
        });
        Assert.Equal(
            [AttentionKind.Global, AttentionKind.Local, AttentionKind.Global, AttentionKind.Local, AttentionKind.Local],
            GptNeoConfiguration.Load(path).AttentionLayers);
    }

    [Theory]
    [InlineData("model_type", "\"gpt2\"", "gpt2")]
    [InlineData("activation_function", "\"relu\"", "relu")]
    [InlineData("architectures", "[\"LlamaForCausalLM\"]", "LlamaForCausalLM")]
    [InlineData("num_heads", "5", "num_heads")]
    [InlineData("num_layers", "3", "attention_layers")]
    [InlineData("hidden_size", "-4", "hidden_size")]
    [InlineData("vocab_size", "\"many\"", "valid config.json")]
    [InlineData("attention_layers", "[\"global\", \"global\"]", "disagree")]
    [InlineData("attention_layers", "[\"global\", \"sparse\"]", "disagree")]
    [InlineData("attention_types", "[[\"global\"]]", "attention_types")]
    [InlineData("layer_norm_epsilon", "0", "layer_norm_epsilon")]
    public void Load_names_what_is_wrong(string field, string json, string named)
    {
        var path = Written(root => root[field] = JsonNode.Parse(json));
        Assert.Contains(named, Assert.Throws<InputException>(() => GptNeoConfiguration.Load(path)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, 1, 10, 10)]
    [InlineData(8, 0, 10, 10)]
    [InlineData(8, 1, 0, 10)]
    [InlineData(8, 1, 10, 0)]
    public void Create_refuses_sizes_that_are_not_positive(int width, int depth, int vocabulary, int context) =>
        Assert.Throws<InputException>(() => GptNeoConfiguration.Create(width, depth, vocabulary, context));

    private string Written(Action<JsonObject> change)
    {
        var path = Path.Combine(_folder, "config.json");
        GptNeoConfiguration.Create(32, 2, 101, 64).Save(path);
        var root = (JsonObject)JsonNode.Parse(File.ReadAllText(path))!;
        change(root);
        File.WriteAllText(path, root.ToJsonString());
        return path;
    }
}
