using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;

namespace NcService.Web.Hosting;

/// <summary>Which page of a list is wanted.</summary>
internal sealed class PageRequest
{
    /// <summary>Number of the page, from 1.</summary>
    [FromQuery(Name = "page")]
    public int? Page { get; init; }

    /// <summary>Items on a page, 1 to 200; 50 unless given.</summary>
    [FromQuery(Name = "pageSize")]
    public int? PageSize { get; init; }

    /// <summary>The page of <paramref name="query"/>, which must be ordered, each row mapped by <paramref name="map"/>.</summary>
    /// <exception cref="FieldException">Page or page size is out of range.</exception>
    public async Task<Page<TItem>> ReadAsync<TRow, TItem>(IQueryable<TRow> query, Func<TRow, TItem> map, CancellationToken cancellationToken)
    {
        var (page, pageSize) = Checked();
        var total = await query.LongCountAsync(cancellationToken);
        var rows = await query.Skip((page - 1) * pageSize).Take(pageSize).ToListAsync(cancellationToken);
        return new Page<TItem>([.. rows.Select(map)], page, pageSize, total);
    }

    /// <summary>Page and page size, their defaults in place.</summary>
    /// <exception cref="FieldException">Page or page size is out of range.</exception>
    public (int Page, int PageSize) Checked()
    {
        var (page, pageSize) = (Page ?? 1, PageSize ?? 50);
        if (pageSize is < 1 or > RequestLimits.PageSize) throw new FieldException("pageSize", $"{pageSize} is not between 1 and {RequestLimits.PageSize}.");
        if (page is < 1 or > int.MaxValue / RequestLimits.PageSize) throw new FieldException("page", $"{page} is not a page number; pages count from 1.");
        return (page, pageSize);
    }
}

/// <summary>One page of a list.</summary>
/// <param name="Items">The items of this page.</param>
/// <param name="PageNumber">Number of this page, from 1.</param>
/// <param name="PageSize">Items on a full page.</param>
/// <param name="Total">Items on all pages.</param>
internal sealed record Page<T>(IReadOnlyList<T> Items, int PageNumber, int PageSize, long Total)
{
    /// <summary>The same page with each item mapped.</summary>
    public Page<TOther> Map<TOther>(Func<T, TOther> map) => new([.. Items.Select(map)], PageNumber, PageSize, Total);
}
