using System.Text.Json.Nodes;
using NcService.Core.Models;
using static TorchSharp.torch;

namespace NcService.Core.Tests.Models;

public sealed class ModelCheckpointTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ncservice-checkpoint-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string Weights => Path.Combine(_folder, "model.safetensors");

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Save_then_Load_gives_the_same_model(bool tied)
    {
        using var scope = NewDisposeScope();
        using var saved = new GptNeo(GptNeoConfiguration.Create(16, 3, 50, 8) with { TieWordEmbeddings = tied }, CPU, seed: 9);
        ModelCheckpoint.Save(saved, _folder, null);
        using var loaded = ModelCheckpoint.Load(_folder, CPU);
        Assert.True(saved.FlatParameters.eq(loaded.FlatParameters).all().item<bool>());
        Assert.Equal(tied, loaded.Configuration.TieWordEmbeddings);
    }

    [SharedFact]
    public void Saved_tensors_have_Hugging_Faces_names_and_shapes()
    {
        using (var model = GoldenGptNeo.Load()) ModelCheckpoint.Save(model, _folder, null);
        var theirs = SafeTensorsHeader.Read(Path.Combine(GoldenGptNeo.Folder, "model.safetensors")).Entries
            .Where(entry => !entry.Name.EndsWith("attention.bias", StringComparison.Ordinal) && !entry.Name.EndsWith("masked_bias", StringComparison.Ordinal));
        var ours = SafeTensorsHeader.Read(Weights).Entries;
        Assert.Equal(Describe(theirs), Describe(ours));

        static IEnumerable<string> Describe(IEnumerable<SafeTensorsEntry> entries) =>
            entries.Select(entry => $"{entry.Name} {entry.DataType} {string.Join('x', entry.Shape)}").Order(StringComparer.Ordinal);
    }

    [Fact]
    public void Shards_named_by_an_index_are_read()
    {
        using var scope = NewDisposeScope();
        using var saved = SavedInShards();
        using var loaded = ModelCheckpoint.Load(_folder, CPU);
        Assert.True(saved.FlatParameters.eq(loaded.FlatParameters).all().item<bool>());
    }

    [Theory]
    [InlineData("../secret.safetensors", "same folder")]
    [InlineData("b.safetensors", "lacks tensor")]
    [InlineData("c.safetensors", "no such file")]
    public void An_index_that_points_elsewhere_is_refused(string file, string reason)
    {
        using var scope = NewDisposeScope();
        using var saved = SavedInShards();
        var path = Path.Combine(_folder, "model.safetensors.index.json");
        var root = JsonNode.Parse(File.ReadAllText(path))!;
        root["weight_map"]!["transformer.extra.weight"] = file;
        File.WriteAllText(path, root.ToJsonString());
        Assert.Contains(reason, Assert.Throws<InputException>(() => ModelCheckpoint.Load(_folder, CPU)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_head_of_its_own_in_the_file_is_kept_apart_and_a_copy_of_the_embedding_is_tied()
    {
        using var scope = NewDisposeScope();
        Rewrite(tensors => tensors["lm_head.weight"] = tensors["transformer.wte.weight"] + 1);
        using (var untied = ModelCheckpoint.Load(_folder, CPU))
        {
            Assert.False(untied.Configuration.TieWordEmbeddings);
            Assert.Equal(1, (untied.Classifier - untied.HuggingFaceViews(untied.FlatParameters).First().Value).mean().item<float>(), 1e-5f);
        }
        Rewrite(tensors => tensors["lm_head.weight"] = tensors["transformer.wte.weight"].clone());
        using var tied = ModelCheckpoint.Load(_folder, CPU);
        Assert.True(tied.Configuration.TieWordEmbeddings);
    }

    [Fact]
    public void Names_without_the_prefix_half_precision_and_mask_buffers_are_read()
    {
        using var scope = NewDisposeScope();
        Rewrite(tensors =>
        {
            foreach (var (name, tensor) in tensors.ToArray())
            {
                tensors.Remove(name);
                tensors[name["transformer.".Length..]] = tensor.to(ScalarType.BFloat16);
            }
            tensors["h.0.attn.attention.bias"] = ones(1, 1, 8, 8, dtype: ScalarType.Bool);
            tensors["h.0.attn.attention.masked_bias"] = tensor(-1e9f);
        });
        using var model = ModelCheckpoint.Load(_folder, CPU);
        Assert.Equal(ScalarType.Float32, model.Classifier.dtype);
        Assert.InRange(model.Classifier.std().item<float>(), 0.018f, 0.022f);
    }

    [Fact]
    public void Missing_unknown_and_misshapen_tensors_are_named()
    {
        using var scope = NewDisposeScope();
        Refused("ln_f.bias", tensors => tensors.Remove("transformer.ln_f.bias"));
        Refused("transformer.h.7.ln_1.weight", tensors => tensors["transformer.h.7.ln_1.weight"] = ones(16));
        Refused("[50, 15]", tensors => tensors["transformer.wte.weight"] = ones(50, 15));
    }

    [Fact]
    public void A_folder_without_weights_says_what_was_looked_for()
    {
        GptNeoConfiguration.Create(16, 1, 50, 8).Save(Path.Combine(_folder, "config.json"));
        Assert.Contains("model.safetensors", Assert.Throws<InputException>(() => ModelCheckpoint.Load(_folder, CPU)).Message, StringComparison.Ordinal);
    }

    private void Refused(string named, Action<Dictionary<string, Tensor>> change)
    {
        Rewrite(change);
        Assert.Contains(named, Assert.Throws<InputException>(() => ModelCheckpoint.Load(_folder, CPU)).Message, StringComparison.Ordinal);
    }

    private void Rewrite(Action<Dictionary<string, Tensor>> change)
    {
        using var model = new GptNeo(GptNeoConfiguration.Create(16, 1, 50, 8), CPU);
        ModelCheckpoint.Save(model, _folder, null);
        using var content = SafeTensors.Read(Weights);
        var tensors = content.Tensors.ToDictionary(StringComparer.Ordinal);
        change(tensors);
        SafeTensors.Write(Weights, tensors);
    }

    private GptNeo SavedInShards()
    {
        var model = new GptNeo(GptNeoConfiguration.Create(16, 2, 50, 8), CPU, seed: 2);
        ModelCheckpoint.Save(model, _folder, null);
        using (var content = SafeTensors.Read(Weights))
        {
            var parts = content.Tensors.Select((pair, i) => (pair, File: i % 2 == 0 ? "a.safetensors" : "b.safetensors")).ToList();
            foreach (var shard in parts.GroupBy(part => part.File)) SafeTensors.Write(Path.Combine(_folder, shard.Key), shard.Select(part => part.pair));
            var map = new JsonObject(parts.Select(part => KeyValuePair.Create(part.pair.Key, (JsonNode?)part.File)));
            File.WriteAllText(Path.Combine(_folder, "model.safetensors.index.json"), new JsonObject { ["weight_map"] = map }.ToJsonString());
        }
        File.Delete(Weights);
        return model;
    }
}
