using NcService.Core.Models;
using static TorchSharp.torch;

namespace NcService.Core.Collapse;

/// <summary>
/// Finished shards of a piece of work, in a folder that any number of processes on any machines share. A shard is a file that appears whole, carries its
/// SHA-256 and the fingerprint of all that its numbers depend on; what is damaged or of another fingerprint counts as not there. Who computes a
/// shard holds a lock that ends with its process, however that ends.
/// </summary>
/// <param name="Path">The folder; made when the first shard is written or claimed.</param>
/// <param name="Fingerprint">What the shards' numbers depend on.</param>
internal sealed record ShardFolder(string Path, string Fingerprint)
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(200);

    /// <summary>Whether the whole is done, so that its shards may have been removed; asked before a shard is computed.</summary>
    public Func<bool> IsDone { get; init; } = () => false;

    /// <summary>
    /// Has each of <paramref name="names"/> finished when it returns: computes those that nobody has finished and nobody else computes, and waits for the others.
    /// </summary>
    /// <param name="names">Names of shards.</param>
    /// <param name="compute">Computes a shard, by its index, and writes it.</param>
    /// <param name="found">Told the index of a shard that was finished before, or by another process.</param>
    /// <param name="cancellationToken">Looked at before each shard and while waiting.</param>
    /// <param name="parts">Endings of the files that make up a shard; one file of the shard's own name unless given.</param>
    /// <exception cref="DoneElsewhereException">Another process has done the whole.</exception>
    public void Finish(
        IReadOnlyList<string> names, Action<int> compute, Action<int> found, CancellationToken cancellationToken, IReadOnlyList<string>? parts = null)
    {
        bool IsFinished(int i) => (parts ?? [""]).All(part => Has(names[i] + part));
        var pending = Enumerable.Range(0, names.Count).ToList();
        while (pending.Count > 0)
        {
            var before = pending.Count;
            foreach (var i in pending.ToArray())
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (IsFinished(i))
                {
                    pending.Remove(i);
                    found(i);
                    continue;
                }
                using var claim = TryClaim(names[i]);
                // Nobody else computes it, and who held the claim a moment ago may have finished it.
                if (claim is null || IsFinished(i)) continue;
                if (IsDone()) throw new DoneElsewhereException();
                compute(i);
                pending.Remove(i);
            }
            if (pending.Count == before) cancellationToken.WaitHandle.WaitOne(LookAgain);
        }
    }

    /// <summary>Writes a shard.</summary>
    public void Write(string name, IReadOnlyList<KeyValuePair<string, Tensor>> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        Directory.CreateDirectory(Path);
        CheckedTensors.Write(FileOf(name), tensors, new Dictionary<string, string>(metadata ?? new Dictionary<string, string>(), StringComparer.Ordinal)
        {
            [nameof(Fingerprint)] = Fingerprint,
        });
    }

    /// <summary>Reads a shard.</summary>
    /// <exception cref="InputException">It is absent, damaged, or of another fingerprint.</exception>
    public SafeTensorsContent Read(string name)
    {
        var content = CheckedTensors.Read(FileOf(name));
        if (content.Metadata.GetValueOrDefault(nameof(Fingerprint)) == Fingerprint) return content;
        content.Dispose();
        throw new InputException($"{FileOf(name)} belongs to other work.");
    }

    /// <summary>Whether a shard is finished and sound.</summary>
    public bool Has(string name)
    {
        if (!File.Exists(FileOf(name))) return false;
        try
        {
            using var content = Read(name);
            return true;
        }
        catch (InputException)
        {
            return false;
        }
    }

    /// <summary>The file of a shard.</summary>
    public string FileOf(string name) => System.IO.Path.Combine(Path, name + ".safetensors");

    /// <summary>Waits for the lock of that name.</summary>
    public IDisposable Claim(string name, CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (TryClaim(name) is { } claim) return claim;
            cancellationToken.WaitHandle.WaitOne(LookAgain);
        }
    }

    /// <summary>Removes all shards, once nobody needs them.</summary>
    public void Delete()
    {
        try
        {
            if (Directory.Exists(Path)) Directory.Delete(Path, recursive: true);
        }
        catch (IOException)
        {
            // Another process that has just learnt that the whole is done is there; it removes the rest.
        }
    }

    /// <summary>A lock on a shard, or null where another process (or thread) has it.</summary>
    private FileStream? TryClaim(string name)
    {
        Directory.CreateDirectory(Path);
        try
        {
            // Locked on Unix too, among processes that open it likewise; the operating system lets go when the process ends.
            return new FileStream(System.IO.Path.Combine(Path, name + ".lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            return null;
        }
    }
}

/// <summary>Another process has finished the whole, so that shards are neither needed nor there any more.</summary>
internal sealed class DoneElsewhereException() : Exception("Another process has finished this work.");
