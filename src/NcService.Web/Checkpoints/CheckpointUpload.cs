using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;
using NcService.Core;
using NcService.Platform;
using NcService.Platform.Artifacts;
using NcService.Platform.Checkpoints;
using NcService.Platform.Jobs;
using NcService.Web.Hosting;

namespace NcService.Web.Checkpoints;

/// <summary>Receives the files of a checkpoint as multipart/form-data, straight to the disk: none is ever held in memory.</summary>
internal sealed class CheckpointUpload(ArtifactStore artifacts, NcServiceOptions options)
{
    private const string Archive = "upload.zip";
    private const int MaximumBoundaryLength = 200;
    private const int Buffer = 1 << 17;

    /// <summary>Sent too much.</summary>
    public sealed class TooLargeException(string message) : InputException(message);

    /// <summary>Writes the files into a folder of their own under the uploads.</summary>
    /// <returns>The folder, relative to the artifact root.</returns>
    /// <exception cref="InputException">The body is not multipart, a part is neither a file of a checkpoint nor one archive of them, or comes twice.</exception>
    /// <exception cref="TooLargeException">All files together pass the limit.</exception>
    public async Task<string> ReceiveAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        var reader = new MultipartReader(BoundaryOf(request), request.Body);
        // The files are counted here, by a limit of their own.
        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit) limit.MaxRequestBodySize = null;
        var relative = $"{Uploads.Folder}/{Guid.NewGuid():N}";
        var folder = artifacts.CreateFolder(relative);
        try
        {
            var received = 0L;
            for (var count = 0; await MultipartParts.NextAsync(reader, cancellationToken) is { } part; count++)
            {
                if (count == CheckpointFiles.MaximumFiles) throw new InputException($"A checkpoint has at most {CheckpointFiles.MaximumFiles} files ({nameof(CheckpointFiles.MaximumFiles)}).");
                received = await WriteAsync(part.Body, Path.Combine(folder, NameOf(part)), received, cancellationToken);
            }
            var archive = Path.Combine(folder, Archive);
            if (File.Exists(archive))
            {
                if (Directory.GetFiles(folder).Length > 1) throw new InputException("An archive comes alone: it holds all files of the checkpoint.");
                await CheckpointArchive.UnpackAsync(archive, folder, options.MaximumCheckpointBytes, cancellationToken);
                File.Delete(archive);
            }
            return relative;
        }
        catch
        {
            Directory.Delete(folder, recursive: true);
            throw;
        }
    }

    /// <summary>Takes an upload away that no job will read.</summary>
    public void Discard(string relative) => Directory.Delete(artifacts.Resolve(relative), recursive: true);

    private static string BoundaryOf(HttpRequest request)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type) || type.MediaType != "multipart/form-data")
            throw new BadHttpRequestException("multipart/form-data is needed", StatusCodes.Status415UnsupportedMediaType);
        return MultipartParts.BoundaryOf(type, MaximumBoundaryLength);
    }

    private static string NameOf(MultipartSection part)
    {
        var name = ContentDispositionHeaderValue.TryParse(part.ContentDisposition, out var disposition) ? HeaderUtilities.RemoveQuotes(disposition.FileName).Value : null;
        if (name?.EndsWith(".zip", StringComparison.OrdinalIgnoreCase) == true) return Archive;
        // Only names of a closed list become paths.
        return name is not null && CheckpointFiles.IsKnown(name)
            ? name
            : throw new InputException("Each part is one file of a checkpoint under its own name (filename): config.json, model.safetensors or its shards and index, and the tokenizer's files; or one .zip of all of them.");
    }

    private async Task<long> WriteAsync(Stream body, string path, long received, CancellationToken cancellationToken)
    {
        if (File.Exists(path)) throw new InputException($"{Path.GetFileName(path)} comes twice.");
        await using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 0, useAsync: true);
        var buffer = new byte[Buffer];
        while (await ReadAsync(body, buffer, cancellationToken) is var count and > 0)
        {
            received += count;
            if (received > options.MaximumCheckpointBytes)
                throw new TooLargeException($"The files have more than {options.MaximumCheckpointBytes:N0} bytes together (NcService:{nameof(options.MaximumCheckpointBytes)}).");
            await file.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
        }
        return received;
    }

    private static async Task<int> ReadAsync(Stream body, byte[] buffer, CancellationToken cancellationToken)
    {
        try
        {
            return await body.ReadAsync(buffer, cancellationToken);
        }
        catch (Exception fault) when (MultipartParts.IsCut(fault))
        {
            throw new InputException("The body ends in the middle of a file.", fault);
        }
    }
}
