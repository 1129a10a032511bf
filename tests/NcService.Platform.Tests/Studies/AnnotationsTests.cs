using Microsoft.EntityFrameworkCore;
using NcService.Core;
using NcService.Platform.Store;
using NcService.Platform.Studies;

namespace NcService.Platform.Tests.Studies;

[Collection(PostgreSqlTests.Name)]
public sealed class AnnotationsTests(PostgreSqlServer server)
{
    [Theory]
    [InlineData("", "")]
    [InlineData(" Wide ,seed sweep,,wide", ",seed sweep,wide,")]
    public void Tags_are_kept_once_in_order_and_in_lower_case(string typed, string kept)
    {
        Assert.Equal(kept, TagList.Write([typed]));
        Assert.Equal(kept, TagList.Write(TagList.Read(kept)));
    }

    [Theory, EachStore]
    public async Task A_tag_is_added_to_those_that_a_run_has_and_found_by_its_needle(StoreKind kind)
    {
        await using var platform = await server.CreatePlatformAsync(kind);
        var study = await AddStudyAsync(platform);
        var annotations = platform.Get<Annotations>();
        await annotations.AnnotateRunAsync(study.Runs[0].Id, " odd loss ", ["wide"], CancellationToken.None);
        await annotations.TagRunsAsync([.. study.Runs.Select(run => run.Id)], ["Check"], CancellationToken.None);

        await using var context = platform.OpenStore();
        var runs = await context.Runs.OrderBy(run => run.Id).ToListAsync();
        Assert.Equal([",check,wide,", ",check,"], runs.Select(run => run.Tags));
        Assert.Equal("odd loss", runs[0].Notes);
        var needle = TagList.Needle("WIDE");
        Assert.Equal([runs[0].Id], await context.Runs.Where(run => run.Tags.Contains(needle)).Select(run => run.Id).ToListAsync());
        // "id" is part of "wide", but no tag.
        var part = TagList.Needle("id");
        Assert.Empty(await context.Runs.Where(run => run.Tags.Contains(part)).ToListAsync());
    }

    [Theory, EachStore]
    public async Task Too_many_tags_leave_every_run_as_it_was(StoreKind kind)
    {
        await using var platform = await server.CreatePlatformAsync(kind);
        var study = await AddStudyAsync(platform);
        var many = Enumerable.Range(0, TagList.MaximumTags + 1).Select(i => $"tag {i}").ToList();
        await Assert.ThrowsAsync<InputException>(() => platform.Get<Annotations>().TagRunsAsync([study.Runs[0].Id], many, CancellationToken.None));
        await using var context = platform.OpenStore();
        Assert.All(await context.Runs.ToListAsync(), run => Assert.Equal("", run.Tags));
    }

    [Theory, EachStore]
    public async Task Notes_and_tags_of_a_study_are_set_and_cleared(StoreKind kind)
    {
        await using var platform = await server.CreatePlatformAsync(kind);
        var study = await AddStudyAsync(platform);
        var annotations = platform.Get<Annotations>();
        await annotations.AnnotateStudyAsync(study.Id, "first try", ["demo"], CancellationToken.None);
        await annotations.AnnotateStudyAsync(study.Id, " ", [], CancellationToken.None);
        await using var context = platform.OpenStore();
        var read = await context.Studies.SingleAsync();
        Assert.Equal((null, ""), (read.Notes, read.Tags));
        await Assert.ThrowsAsync<InputException>(() => annotations.AnnotateStudyAsync(study.Id + 1, null, [], CancellationToken.None));
    }

    private static async Task<Study> AddStudyAsync(TestPlatform platform)
    {
        await using var context = platform.OpenStore();
        var study = new Study { Name = "two runs", Runs = { new Run { Name = "a" }, new Run { Name = "b" } } };
        context.Studies.Add(study);
        await context.SaveChangesAsync();
        return study;
    }
}
