namespace NcService.Platform.Tests;

/// <summary>A fresh folder of one test, gone when the test ends.</summary>
internal sealed class TestFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("ncservice-test-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
