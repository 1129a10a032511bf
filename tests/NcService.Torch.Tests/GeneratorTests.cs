using static TorchSharp.torch;

namespace NcService.Torch.Tests;

/// <summary>Random state; the default generator is everybody's, so nothing runs beside this.</summary>
[Collection(nameof(Operators.SeededOperatorTests))]
public class GeneratorTests
{
    [Fact]
    public void Same_seed_gives_the_same_numbers()
    {
        using var scope = NewDisposeScope();
        manual_seed(42);
        var first = rand(5);
        Assert.Equal(42, initial_seed());
        manual_seed(42);

        Assert.True(first.Equals(rand(5)));
        Assert.False(first.Equals(rand(5)));
        Assert.Equal(7, random.manual_seed(7).initial_seed());
    }

    [Fact]
    public void State_survives_as_bytes()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(11);
        _ = randn(3, generator: generator); // an odd number: half a pair of normal numbers is part of the state
        var saved = generator.get_state().bytes.ToArray();
        var expected = randn(9, generator: generator);
        using var other = new Generator(99);
        other.set_state(tensor(saved));

        Assert.True(expected.Equals(randn(9, generator: other)));
        Assert.Equal(11, other.initial_seed());
    }

    [Fact]
    public void Default_state_can_be_kept_and_set_again()
    {
        using var scope = NewDisposeScope();
        var state = get_rng_state();
        var expected = randperm(20);
        set_rng_state(state);
        Assert.True(expected.Equals(randperm(20)));
        random.set_rng_state(state);
        using var drawn = new Generator(0);
        drawn.set_state(random.get_rng_state());
        Assert.True(expected.Equals(randperm(20, generator: drawn)));
    }

    [Fact]
    public void Own_generator_leaves_the_default_one_alone()
    {
        using var scope = NewDisposeScope();
        manual_seed(1);
        var expected = rand(4);
        manual_seed(1);
        using var own = new Generator(5);
        _ = rand(4, generator: own);

        Assert.True(expected.Equals(rand(4)));
    }
}
