using Microsoft.Extensions.Configuration;
using NcService.Core;
using NcService.Platform.Jobs;
using NcService.Platform.Store;

namespace NcService.Platform.Tests;

public sealed class RetryOptionsTests
{
    [Fact]
    public void A_kind_has_what_is_configured_for_it_and_the_common_policy_else()
    {
        var retry = Read(("Retry:Attempts", "7"), ("Retry:FirstDelaySeconds", "0.5"), ("Retry:Kinds:trainRun:Attempts", "20"), ("Retry:Kinds:TrainRun:LongestDelaySeconds", "7200")).Retry;
        Assert.Equal((20, 0.5, 4, 7200), Values(retry.For(JobKind.TrainRun)));
        Assert.Equal((7, 0.5, 4, 1800), Values(retry.For(JobKind.PermutationTest)));
    }

    [Theory]
    [InlineData("NcService:Retry:Atempts: there is no such setting; did you mean 'Attempts'?", "Retry:Atempts", "3")]
    [InlineData("NcService:Retry:Kinds:Training: there is no such kind of job", "Retry:Kinds:Training:Attempts", "3")]
    [InlineData("NcService:Retry:Kinds:TrainRun:Delay: there is no such setting", "Retry:Kinds:TrainRun:Delay", "3")]
    [InlineData("NcService:Retry:Attempts is 0; 1 to 100.", "Retry:Attempts", "0")]
    [InlineData("NcService:Retry:Attempts", "Retry:Attempts", "often")]
    [InlineData("NcService:Retry:Kinds:TrainRun:Attempts", "Retry:Kinds:TrainRun:Attempts", "often")]
    [InlineData("NcService:Retry:Kinds:ImportResults:Factor is 0.5; 1 to 100.", "Retry:Kinds:ImportResults:Factor", "0.5")]
    [InlineData("NcService:Retry:FirstDelaySeconds is NaN", "Retry:FirstDelaySeconds", "NaN")]
    [InlineData("NcService:Retry:LongestDelaySeconds is 1; from FirstDelaySeconds (10) to 604800.", "Retry:LongestDelaySeconds", "1")]
    public void A_wrong_key_or_value_is_named(string expected, string key, string value) =>
        Assert.Contains(expected, Assert.Throws<InputException>(() => Read((key, value))).Message, StringComparison.Ordinal);

    [Fact]
    public void The_process_of_a_job_has_the_policy_of_its_node()
    {
        var options = Read(("Retry:Factor", "2.5"), ("Retry:Kinds:TrainRun:Attempts", "20"), ("LeaseSeconds", "12.5"));
        var environment = new Dictionary<string, string?>();
        ChildEnvironment.Set(environment, options, threads: 1);
        var child = OptionsReader.Read(new ConfigurationBuilder().AddInMemoryCollection(environment.Select(pair => KeyValuePair.Create(pair.Key.Replace("__", ":", StringComparison.Ordinal), pair.Value))).Build());
        Assert.Equal(12.5, child.LeaseSeconds);
        foreach (var kind in Enum.GetValues<JobKind>()) Assert.Equal(Values(options.Retry.For(kind)), Values(child.Retry.For(kind)));
    }

    [Fact]
    public void Waits_grow_to_the_longest_and_keep_at_least_their_half()
    {
        var policy = new RetryPolicy { FirstDelaySeconds = 10, Factor = 4, LongestDelaySeconds = 1000 };
        Assert.Equal([5, 20, 80, 320, 500, 500], Enumerable.Range(1, 6).Select(failed => policy.DelayAfter(failed, 0).TotalSeconds));
        Assert.Equal(7.5, policy.DelayAfter(1, 0.5).TotalSeconds);
        Assert.Equal(TimeSpan.Zero, new RetryPolicy { FirstDelaySeconds = 0, Factor = 100 }.DelayAfter(100, 0.5));
    }

    private static NcServiceOptions Read(params (string Key, string Value)[] settings) =>
        OptionsReader.Read(new ConfigurationBuilder().AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create($"NcService:{setting.Key}", (string?)setting.Value))).Build());

    private static (int, double, double, double) Values(RetryPolicy policy) => (policy.Attempts, policy.FirstDelaySeconds, policy.Factor, policy.LongestDelaySeconds);
}
