using Microsoft.Playwright;

namespace NcService.EndToEnd.Tests;

/// <summary>A reader who has no mouse.</summary>
internal static class Keyboard
{
    /// <summary>No page has so many stops of the Tab key.</summary>
    public const int MostStops = 250;

    /// <summary>How a stop begins with which something is wrong.</summary>
    public const string Fault = "FAULT";

    /// <summary>Presses Tab until what has the name has the focus.</summary>
    public static async Task TabToAsync(IPage page, string name, string? within = null, string? starts = null)
    {
        for (var presses = 0; presses < MostStops; presses++)
        {
            await page.Keyboard.PressAsync("Tab");
            var stop = await StopAsync(page);
            Assert.False(stop.StartsWith(Fault, StringComparison.Ordinal), $"{page.Url}: {stop}");
            if (stop.Length > 0 && (starts is null ? stop.Split(" @ ")[1] == name : stop.Split(" @ ")[1].StartsWith(starts, StringComparison.Ordinal))
                && (within is null || await page.EvaluateAsync<bool>("within => document.activeElement.closest(within) !== null", within))) return;
        }
        Assert.Fail($"Tab does not lead to “{name}” on {page.Url}");
    }

    /// <summary>What has the focus, as "where it is @ its name"; empty behind the last stop. What has no name, is out of sight or does not look focused is a <see cref="Fault"/>.</summary>
    public static async Task<string> StopAsync(IPage page)
    {
        return await page.EvaluateAsync<string>(
            """
            () => {
                const it = document.activeElement;
                if (!it || it === document.body || it === document.documentElement) return '';
                const words = node => (node?.innerText ?? '').replace(/\s+/g, ' ').trim();
                const name = it.getAttribute('aria-label') || (it.getAttribute('aria-labelledby') ?? '').split(' ').map(id => words(document.getElementById(id))).join(' ').trim()
                    || [...(it.labels ?? [])].map(label => label.textContent.replace(/\s+/g, ' ').trim()).join(' ') || words(it);
                // A file field lies over what is seen of it.
                const seen = it.type === 'file' ? it.closest('.drop, .file-button') : it;
                const style = getComputedStyle(seen);
                const ring = (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2) || (seen !== it && seen.matches(':focus-within'));
                const box = seen.getBoundingClientRect();
                const inSight = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
                const faults = [name ? '' : 'has no name', ring || it.matches('h1, main') ? '' : 'shows no ring', inSight ? '' : `is out of sight at ${Math.round(box.x)}, ${Math.round(box.y)}`].filter(fault => fault);
                const path = [];
                for (let node = it; node && node !== document.body; node = node.parentElement) path.unshift(`${node.localName}${[...(node.parentElement?.children ?? [])].indexOf(node)}`);
                return (faults.length ? `FAULT ${it.outerHTML.slice(0, 200)} ${faults.join(', ')}` : path.join('>')) + ' @ ' + name;
            }
            """);
    }
}
