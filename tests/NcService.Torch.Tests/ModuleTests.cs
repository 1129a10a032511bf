using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace NcService.Torch.Tests;

public class ModuleTests
{
    [Fact]
    public void Components_are_found_by_their_fields_names()
    {
        using var block = new Block();

        Assert.Equal(
            ["first.weight", "first.bias", "norm.weight", "norm.bias", "layers.0.weight", "layers.1.weight", "scale"],
            block.named_parameters().Select(pair => pair.name).OrderBy(name => Array.IndexOf(
                ["first.weight", "first.bias", "norm.weight", "norm.bias", "layers.0.weight", "layers.1.weight", "scale"], name)));
        Assert.Equal(["mask"], block.named_buffers().Select(pair => pair.name));
        Assert.Equal([4L, 4], block.get_parameter("layers.1.weight")!.shape);
        Assert.Equal(8, block.state_dict().Count);
        Assert.False(block.has_parameter("layers.2.weight"));
    }

    [Fact]
    public void Fields_may_take_another_name()
    {
        using var module = new Renamed();
        Assert.Equal(["h.weight"], module.named_parameters().Select(pair => pair.name));
    }

    [Fact]
    public void Shared_parameter_is_listed_once()
    {
        using var module = new Tied();
        Assert.Single(module.parameters());
    }

    [Fact]
    public void State_dict_loads_into_a_module_of_the_same_form()
    {
        using var scope = NewDisposeScope();
        using var source = new Block();
        using var target = new Block();
        var input = randn(2, 4);
        Assert.False(source.call(input).allclose(target.call(input)));
        target.load_state_dict(source.state_dict());

        Assert.True(source.call(input).allclose(target.call(input)));
        var incomplete = source.state_dict();
        incomplete.Remove("scale");
        var error = Assert.Throws<InvalidOperationException>(() => target.load_state_dict(incomplete));
        if (!Departures.OnTorchSharp) Assert.Contains("missing [scale]", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void To_converts_parameters_fields_and_buffers()
    {
        using var scope = NewDisposeScope();
        using var block = new Block().to(float64);

        Assert.All(block.parameters(), parameter => Assert.Equal(float64, parameter.dtype));
        Assert.All(block.parameters(), parameter => Assert.True(parameter.requires_grad && parameter.is_leaf));
        Assert.Equal(float64, block.call(randn(2, 4, float64)).dtype);
    }

    [Fact]
    public void Modes_and_gradients_reach_every_submodule()
    {
        using var scope = NewDisposeScope();
        using var block = new Block();
        block.eval();
        Assert.All(block.modules(), module => Assert.False(module.training));
        block.call(randn(2, 4)).sum().backward();
        Assert.Contains(block.parameters(), parameter => parameter.grad is not null);
        block.zero_grad();
        Assert.All(block.parameters(), parameter => Assert.Null(parameter.grad));
    }

    [Fact]
    public void Disposing_a_module_disposes_its_tensors()
    {
        var block = new Block();
        var parameters = block.parameters().ToList();
        block.Dispose();

        Assert.All(parameters, parameter => Assert.True(parameter.IsInvalid));
    }

    [Fact]
    public void Embedding_picks_rows()
    {
        using var scope = NewDisposeScope();
        using var table = nn.Embedding(5, 3, padding_idx: 0);
        var rows = table.call(tensor(new long[,] { { 0, 2 }, { 2, 4 } }));
        rows.sum().backward();

        Assert.Equal([2, 2, 3], rows.shape);
        Assert.True(rows[0, 1].Equals(table.weight![2]));
        Assert.Equal(0, rows[0, 0].abs().sum().ToDouble());
        Assert.Equal([0f, 0, 2, 0, 1], table.weight.grad!.select(1, 0).data<float>().ToArray());
    }

    [Fact]
    public void Embedding_counts_padding_from_the_end_too()
    {
        using var scope = NewDisposeScope();
        using var table = nn.Embedding(5, 3, padding_idx: -1);
        table.call(tensor(new long[] { 4, 4, 1 })).sum().backward();

        Assert.Equal([0f, 0, 0], table.weight![4].data<float>().ToArray());
        Assert.Equal([0f, 1, 0, 0, 0], table.weight.grad!.select(1, 0).data<float>().ToArray());
    }

    [Fact]
    public void Embedding_shortens_the_rows_it_reads()
    {
        using var scope = NewDisposeScope();
        using var table = nn.Embedding_from_pretrained(tensor(new[,] { { 3f, 4f }, { 0.3f, 0.4f }, { 6f, 8f } }), max_norm: 1.0);
        var rows = table.call(tensor(new long[] { 0, 1 }));

        foreach (var (expected, found) in new[] { 0.6, 0.8, 0.3, 0.4 }.Zip(rows.data<float>())) Assert.Equal(expected, found, 5);
        Assert.Equal([6f, 8f], table.weight![2].data<float>().ToArray());
    }

    [Fact]
    public void Embedding_may_have_a_sparse_gradient()
    {
        using var scope = NewDisposeScope();
        using var table = nn.Embedding(5, 3, sparse: true);
        table.call(tensor(new long[] { 4 })).sum().backward();

        Assert.True(table.weight!.grad!.is_sparse);
    }

    private sealed class Block : nn.Module<Tensor, Tensor>
    {
        private readonly Linear first = nn.Linear(4, 4);
        private readonly LayerNorm norm = nn.LayerNorm(4);
        private readonly ModuleList<Linear> layers = nn.ModuleList(nn.Linear(4, 4, hasBias: false), nn.Linear(4, 4, hasBias: false));
        private readonly Parameter scale = nn.Parameter(ones(4));
        private readonly Tensor mask = ones(4);

        public Block() : base(nameof(Block)) => RegisterComponents();

        public override Tensor forward(Tensor input)
        {
            var hidden = norm.call(first.call(input)) * scale * mask;
            return layers.Aggregate(hidden, (state, layer) => layer.call(state));
        }
    }

    private sealed class Renamed : nn.Module<Tensor, Tensor>
    {
        [TorchSharp.Utils.ComponentName(Name = "h")]
        private readonly Linear _hidden = nn.Linear(2, 2, hasBias: false);

        public Renamed() : base(nameof(Renamed)) => RegisterComponents();

        public override Tensor forward(Tensor input) => _hidden.call(input);
    }

    private sealed class Tied : nn.Module<Tensor, Tensor>
    {
        private readonly Linear one;
        private readonly Linear other;

        public Tied() : base(nameof(Tied))
        {
            one = nn.Linear(2, 2, hasBias: false);
            other = nn.Linear(one.weight);
            RegisterComponents();
        }

        public override Tensor forward(Tensor input) => other.call(one.call(input));
    }
}
