using FsCheck;
using FsCheck.Fluent;
using NcService.Core.Text;

namespace NcService.Core.Tests.Text;

public class TokenizerTrainerTests
{
    [Fact]
    public void Merges_equal_those_of_counting_everything_anew_each_time()
    {
        // Few letters and long runs of one letter: overlapping pairs such as "aaa" and ties are the rule.
        var words = Gen.NonEmptyListOf(Gen.Frequency((4, Gen.Constant('a')), (3, Gen.Elements('b', 'c')), (1, Gen.Elements(' ', 'é'))));
        var texts = words.Select(letters => new string([.. letters]));
        var corpora = Gen.ListOf(texts, 6).Select(list => list.ToArray()).ToArbitrary();

        Prop.ForAll(corpora, documents =>
        {
            var expected = MergeNaively(documents, 12);
            var trained = TokenizerTrainer.Train(documents, 257 + expected.Count, CancellationToken.None);
            return expected.SequenceEqual(trained.Merges.Merges);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Merges_theMostFrequentPairFirst_andOfEqualsTheOneOfSmallerIds()
    {
        // "ab" occurs 3 times, "cd" and "ef" twice, as does a space before each; c comes before e, and both before the space's byte.
        var trained = TokenizerTrainer.Train(["ab ab ab ef ef cd cd"], 257 + 3, CancellationToken.None);

        Assert.Equal(["ab", "cd", "ef"], Enumerable.Range(256, 3).Select(trained.TokenText));
    }

    [Fact]
    public void Ids_are256Bytes_thenMerges_thenEndOfText()
    {
        var trained = TokenizerTrainer.Train(["low lower lowest low low"], 260, CancellationToken.None);

        Assert.Equal(260, trained.VocabularySize);
        Assert.Equal(259, trained.EndOfTextId);
        Assert.Equal("!", trained.TokenText(0));
        Assert.Equal("<|endoftext|>", trained.TokenText(259));
        Assert.Equal("low", trained.Decode([trained.Encode("low").Single()]));
    }

    [Fact]
    public void The_order_of_documents_does_not_matter()
    {
        var documents = Enumerable.Range(0, 20).Select(seed => OddText.Generate(seed, 2_000)).ToArray();
        var forwards = TokenizerTrainer.Train(documents, 700, CancellationToken.None);
        var backwards = TokenizerTrainer.Train(documents.Reverse(), 700, CancellationToken.None);

        Assert.Equal(forwards.Merges.Merges, backwards.Merges.Merges);
    }

    [Fact]
    public void Any_text_comes_back_also_text_unlike_the_training_text()
    {
        var trained = TokenizerTrainer.Train(["only plain letters here, again and again"], 270, CancellationToken.None);
        var runes = Gen.Choose(0, 0x10FFFF).Where(value => value is < 0xD800 or > 0xDFFF).Select(char.ConvertFromUtf32);
        var texts = Gen.ArrayOf(runes).Select(string.Concat).ToArbitrary();

        Prop.ForAll(texts, text => trained.Decode(trained.Encode(text)) == text).QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData(256)]
    [InlineData(-1)]
    [InlineData(int.MaxValue)]
    public void Train_ofAnImpossibleSize_SaysWhichArePossible(int size)
    {
        var error = Assert.Throws<InputException>(() => TokenizerTrainer.Train(["text"], size, CancellationToken.None));
        Assert.Contains("from 257", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Train_onTooLittleText_SaysHowManyTokensItGives()
    {
        var error = Assert.Throws<InputException>(() => TokenizerTrainer.Train(["abc"], 1000, CancellationToken.None));
        Assert.Contains("at most 259", error.Message, StringComparison.Ordinal);
        TokenizerTrainer.Train(["abc"], 259, CancellationToken.None);
        Assert.Throws<InputException>(() => TokenizerTrainer.Train([], 300, CancellationToken.None));
    }

    /// <summary>The definition of BPE training: count every pair of neighbours, merge the most frequent, repeat.</summary>
    private static List<(int, int, int)> MergeNaively(string[] documents, int maximum)
    {
        var untrained = TokenizerTrainer.Train(["x"], 257, CancellationToken.None);
        var words = documents.SelectMany(Words).Select(word => untrained.Encode(word).ToList()).ToList();
        var merges = new List<(int, int, int)>();
        while (merges.Count < maximum)
        {
            var pairs = words.SelectMany(word => word.Zip(word.Skip(1))).GroupBy(pair => pair).ToList();
            if (pairs.Count == 0) break;
            var (left, right) = pairs.OrderByDescending(group => group.Count()).ThenBy(group => group.Key).First().Key;
            var result = 256 + merges.Count;
            merges.Add((left, right, result));
            foreach (var word in words)
            {
                for (var i = 0; i + 1 < word.Count; i++)
                {
                    if (word[i] != left || word[i + 1] != right) continue;
                    word[i] = result;
                    word.RemoveAt(i + 1);
                }
            }
        }
        return merges;
    }

    private static IEnumerable<string> Words(string text)
    {
        for (var start = 0; start < text.Length;)
        {
            var end = PreTokenizer.WordEnd(text, start);
            yield return text[start..end];
            start = end;
        }
    }
}
