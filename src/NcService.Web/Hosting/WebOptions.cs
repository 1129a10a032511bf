using NcService.Core;

namespace NcService.Web.Hosting;

/// <summary>Settings of the web process alone, in section <c>NcService</c> beside the shared ones.</summary>
internal sealed class WebOptions
{
    /// <summary>Host names besides loopback that requests may be addressed to, separated by semicolons.</summary>
    public string AllowedHosts { get; set; } = "";

    /// <summary>Who may come in. Needed for any address but loopback.</summary>
    public IList<ConfiguredToken> Tokens { get; } = [];

    /// <summary>False lets everybody in who can reach the server; possible on loopback only.</summary>
    public bool RequireSignIn { get; set; } = true;

    /// <summary>Folders, separated by semicolons, that corpora named in requests must lie in; none but the built-in corpora without it.</summary>
    public string CorpusDirectories { get; set; } = "";

    /// <summary>Requests to the API that one token may make in a second; ten times as many at once.</summary>
    public int RequestsPerSecond { get; set; } = 200;

    /// <summary>Reads and checks the settings.</summary>
    /// <exception cref="InputException">A setting is wrong; the message names its key.</exception>
    public static WebOptions Read(IConfiguration configuration)
    {
        var options = configuration.GetSection("NcService").Get<WebOptions>() ?? new WebOptions();
        if (options.RequestsPerSecond < 1) throw new InputException($"NcService:{nameof(options.RequestsPerSecond)} is {options.RequestsPerSecond}; at least 1.");
        for (var i = 0; i < options.Tokens.Count; i++) options.Tokens[i].Check($"NcService:Tokens:{i}");
        return options;
    }

    /// <summary>The items of a list separated by semicolons.</summary>
    public static string[] List(string value) => value.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}

/// <summary>A token by its hash: the configuration holds nothing that lets anybody in.</summary>
internal sealed class ConfiguredToken
{
    /// <summary>What it is for; shown as the one who asked for a job.</summary>
    public string Name { get; set; } = "";

    /// <summary>SHA-256 of the token, 64 hexadecimal digits: <c>printf %s "$TOKEN" | sha256sum</c>.</summary>
    public string Hash { get; set; } = "";

    /// <summary>read, submit or admin; each includes the ones before it.</summary>
    public string Scope { get; set; } = "admin";

    /// <summary>Checks the values.</summary>
    /// <exception cref="InputException">A value is wrong; the message names its key.</exception>
    internal void Check(string key)
    {
        if (string.IsNullOrWhiteSpace(Name)) throw new InputException($"{key}:Name is missing; say what the token is for.");
        if (Hash.Length != 64 || !Hash.All(char.IsAsciiHexDigit))
            throw new InputException($"{key}:Hash is not 64 hexadecimal digits; make it by: printf %s \"$TOKEN\" | sha256sum");
        if (!SignIn.Scopes.All.Contains(Scope)) throw new InputException($"{key}:Scope is '{Scope}'; it is one of: {string.Join(", ", SignIn.Scopes.All)}.");
    }
}
