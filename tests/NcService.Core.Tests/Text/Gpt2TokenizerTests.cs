using System.Text;
using NcService.Core.Text;

namespace NcService.Core.Tests.Text;

public class Gpt2TokenizerTests
{
    private static readonly Lazy<ByteLevelTokenizer> Gpt2 = new(ByteLevelTokenizer.LoadGpt2);

    [ReferenceEncoderFact]
    public void Encodes_more_than_a_megabyte_of_real_and_odd_text_as_the_reference_encoder_does()
    {
        // In pieces, since the reference takes quadratic time.
        var odd = Cut(OddText.Generate(seed: 20261122, length: 450_000), 1_500);
        var addresses = Directory.GetFiles(AssetFolder.Find("sotu")).Order(StringComparer.Ordinal).Where((_, i) => i % 16 == 0).Select(File.ReadAllText);
        var pieces = odd.Concat(addresses.SelectMany(text => Cut(text, 1_500))).ToArray();
        Assert.True(pieces.Sum(Encoding.UTF8.GetByteCount) > 1_200_000);

        var expected = ReferenceEncoder.Encode(pieces);

        for (var i = 0; i < pieces.Length; i++) Assert.Equal(expected[i], Gpt2.Value.Encode(pieces[i]));
    }

    [ReferenceEncoderFact]
    public void Every_code_point_has_the_class_that_the_reference_pattern_gives_it()
    {
        // One letter a code point, surrogates left out; U where Node's Unicode version does not know it.
        const string classify =
            """
            Array.from({ length: 0x110000 }, (_, c) => {
              if (c >= 0xD800 && c <= 0xDFFF) return 'o';
              const s = String.fromCodePoint(c);
              return /\s/u.test(s) ? 's' : /\p{L}/u.test(s) ? 'l' : /\p{N}/u.test(s) ? 'n' : /\p{Cn}/u.test(s) ? 'U' : 'o';
            }).join('')
            """;
        var expected = ReferenceEncoder.Run(classify, []).Trim('"');

        Assert.Equal(0x110000, expected.Length);
        var different = Enumerable.Range(0, 0x110000).Where(c => expected[c] != 'U' && expected[c] != Letter(CharacterClasses.OfCodePoint(c)));
        Assert.Empty(different.Where(c => c is < 0xD800 or > 0xDFFF).Select(c => $"U+{c:X4}"));
    }

    [AssetFact]
    public void Encodes_texts_with_published_ids()
    {
        Assert.Equal([15496, 11, 995, 0], Gpt2.Value.Encode("Hello, world!"));
        Assert.Equal([31373, 50169, 233, 995, 12520, 234, 235], Gpt2.Value.Encode("hello 👋 world 🌍"));
        Assert.Empty(Gpt2.Value.Encode(""));
    }

    [AssetFact]
    public void Has_the_vocabulary_of_gpt2()
    {
        Assert.Equal(50257, Gpt2.Value.VocabularySize);
        Assert.Equal(50256, Gpt2.Value.EndOfTextId);
    }

    [AssetFact]
    public void EndOfText_is_a_token_only_on_request()
    {
        const string text = "One.<|endoftext|>Two.<|endoftext|>";

        Assert.DoesNotContain(50256, Gpt2.Value.Encode(text));
        int[] expected = [.. Gpt2.Value.Encode("One."), 50256, .. Gpt2.Value.Encode("Two."), 50256];
        Assert.Equal(expected, Gpt2.Value.Encode(text, endOfTextIsToken: true));
        Assert.Equal(text, Gpt2.Value.Decode(expected));
    }

    [AssetFact]
    public void Decode_gives_the_text_back()
    {
        var text = OddText.Generate(seed: 5, length: 100_000);
        // A lone half of a pair has no UTF-8; it comes back as the replacement character.
        var wellFormed = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));

        Assert.Equal(wellFormed, Gpt2.Value.Decode(Gpt2.Value.Encode(text)));
    }

    [AssetFact]
    public void Encode_ofALongWord_EndsInTimeAndIsLocal()
    {
        // 100,000 letters without a break: quadratic merging would not end in time.
        var random = new Random(3);
        var word = string.Concat(Enumerable.Range(0, 100_000).Select(_ => (char)('a' + random.Next(4))));

        var ids = Gpt2.Value.Encode(word);

        Assert.Equal(word, Gpt2.Value.Decode(ids));
        // Where a break between tokens stands, the left part alone gives the same tokens (merges are local and far from the end).
        Assert.Equal(ids[..100], Gpt2.Value.Encode(Gpt2.Value.Decode(ids.AsSpan(0, 200)))[..100]);
    }

    [AssetFact]
    public async Task Encode_fromManyThreads_GivesTheSameIds()
    {
        var texts = Enumerable.Range(0, 16).Select(seed => OddText.Generate(seed, 20_000)).ToArray();
        var expected = texts.Select(ByteLevelTokenizer.LoadGpt2().Encode).ToArray();
        var shared = ByteLevelTokenizer.LoadGpt2();

        var actual = await Task.WhenAll(texts.Select(text => Task.Run(() => shared.Encode(text))));

        Assert.Equal(expected, actual);
    }

    [AssetFact]
    public void TokenText_ShowsBytesAndEscapesWhatCannotBeSeen()
    {
        Assert.Equal(" the", Gpt2.Value.TokenText(262));
        Assert.Equal("\\n", Gpt2.Value.TokenText(198));
        Assert.Equal("<|endoftext|>", Gpt2.Value.TokenText(50256));
        Assert.Equal(" \\xF0\\x9F", Gpt2.Value.TokenText(12520));
        Assert.Equal("\\u{A0}", Gpt2.Value.TokenText(Gpt2.Value.Encode("\u00A0").Single()));
    }

    [AssetFact]
    public void Decode_ofAnUnknownId_NamesIt()
    {
        var error = Assert.Throws<InputException>(() => Gpt2.Value.Decode([1, 50257]));
        Assert.Contains("50257", error.Message, StringComparison.Ordinal);
    }

    private static IEnumerable<string> Cut(string text, int length)
    {
        for (var start = 0; start < text.Length; start += length) yield return text.Substring(start, Math.Min(length, text.Length - start));
    }

    private static char Letter(CharacterClass @class) => @class switch
    {
        CharacterClass.Space => 's',
        CharacterClass.Letter => 'l',
        CharacterClass.Number => 'n',
        _ => 'o',
    };
}
