// Every view shows what is in the database, and draws it.
import { cells, expect, newestWeek, rows, test } from "../dashboard.js";

test("top releases: the newest week by rank", async ({ page }) => {
    await page.goto("/");
    const wanted = await rows(`
        select rank, album_name, artist_names, popularity
        from trends.weekly_top_releases where release_week = '${await newestWeek()}' order by rank limit 50`);
    const shown = await cells(page.locator("#releases"));
    expect(shown.map(([rank, name, artists, , , popularity]) => [rank, name, artists, popularity])).toEqual(
        wanted.map((row) => [row.rank, row.album_name, row.artist_names, row.popularity].map(String)),
    );
    const chart = page.locator("figure[data-chart=bars]");
    await expectMarks(chart, Math.min(wanted.length, 10));
    await expect(chart.locator("svg")).toContainText(wanted[0].album_name.slice(0, 20));
});

test("a release: its tracks", async ({ page }) => {
    const [release] = await rows("select album_id, album_name from core.dim_album order by album_popularity desc nulls last, album_id limit 1");
    await page.goto(`/releases/${release.album_id}`);
    await expect(page.getByRole("heading", { level: 1 })).toContainText(release.album_name);
    const wanted = await rows(`
        select track_name, popularity from core.album_track join core.dim_track using (track_id)
        where core.album_track.album_id = '${release.album_id}'`);
    const table = page.locator("table.tracks");
    await expect(table.locator("tbody tr")).toHaveCount(wanted.length);
    for (const { track_name: name, popularity } of wanted) {
        const row = table.locator("tbody tr").filter({ hasText: name }).first();
        await expect(row).toContainText(String(popularity));
    }
});

test("features: the correlations of all time", async ({ page }) => {
    await page.goto("/features");
    const wanted = await rows("select n, spearman, pearson from trends.feature_popularity_correlation where period = 'all'");
    const shown = await cells(page.locator("#correlations"));
    const figures = (n, spearman, pearson) => `${n} ${spearman} ${pearson}`;
    const first = (text) => text.split(/\s/)[0].replaceAll(",", "");
    expect(shown.map(([, n, spearman, pearson]) => figures(first(n), first(spearman), first(pearson))).sort()).toEqual(
        wanted.map(({ n, spearman, pearson }) => figures(n, spearman.toFixed(2), pearson.toFixed(2))).sort(),
    );
    await expectMarks(page.locator("figure[data-chart=heatmap]"), wanted.length);
    await expectMarks(page.locator("figure[data-chart=scatter]"), 50);
});

test("artists: those compared, with the tracks they rest on", async ({ page }) => {
    await page.goto("/artists");
    const shown = await cells(page.locator("#artists"));
    expect(shown.length).toBeGreaterThan(1);
    for (const [name, tracks, albums] of shown) {
        const found = await rows(`
            select tracks, albums from trends.artist_feature_profile where artist_name = '${name.replaceAll("'", "''")}'`);
        expect(found.map((row) => [row.tracks, row.albums].map(String)), name).toContainEqual([tracks, albums]);
    }
    await expectMarks(page.locator("figure[data-chart=profile]"), shown.length * 5);
});

test("calendar: the days of the newest month", async ({ page }) => {
    await page.goto("/calendar");
    const wanted = await rows(`
        select release_date, releases, albums, singles from trends.release_calendar
        where date_trunc('month', release_date) = (select date_trunc('month', max(release_date)) from trends.release_calendar)
        order by release_date`);
    const days = await page.locator("#calendar tbody time").evaluateAll((all) => all.map((time) => time.dateTime));
    expect(days.toSorted()).toEqual(wanted.map((row) => row.release_date));
    const shown = await cells(page.locator("#calendar"));
    const figures = (row) => [row.releases, row.albums, row.singles].join();
    expect(shown.map(([, ...counts]) => counts.slice(0, 3).join()).sort()).toEqual(wanted.map(figures).sort());
    await expectMarks(page.locator("figure[data-chart=calendar]"), wanted.length);
});

test("popularity: each release at its latest reading", async ({ page }) => {
    await page.goto("/popularity");
    const table = page.locator("#releases");
    const addresses = await table.locator("tbody th a").evaluateAll((all) => all.map((link) => link.pathname));
    expect(addresses.length).toBeGreaterThan(1);
    const shown = await cells(table);
    for (const [place, address] of addresses.entries()) {
        const [latest] = await rows(`
            select popularity from trends.popularity_trajectory
            where album_id = '${address.split("/").at(-1)}' order by days_since_release desc limit 1`);
        expect(shown[place]).toContain(String(latest.popularity));
    }
    await expectMarks(page.locator("figure[data-chart=paths]"), addresses.length);
});

test("search: a release is found by a part of its name", async ({ page }) => {
    const [release] = await rows("select album_id, album_name from core.dim_album where length(album_name) > 8 order by album_popularity desc nulls last, album_id limit 1");
    await page.goto("/");
    await page.getByRole("search").getByRole("searchbox").fill(release.album_name.toLowerCase());
    await page.getByRole("search").getByRole("button").click();
    await expect(page).toHaveURL(/\/search\?q=/);
    await page.locator(`main a[href="/releases/${release.album_id}"]`).first().click();
    await expect(page.getByRole("heading", { level: 1 })).toContainText(release.album_name);
});

test("pipeline: the last run and its stages", async ({ page }) => {
    await page.goto("/pipeline");
    const stages = await rows("select step from ops.run_steps where run_id = (select max(run_id::text)::uuid from ops.runs)");
    for (const { step } of stages) {
        await expect(page.locator("#main")).toContainText(step);
    }
});

/** A chart has at least so many shapes in the colours of its data. */
async function expectMarks(figure, least) {
    await expect(figure.locator("svg")).toBeVisible();
    const marks = () => figure.locator("svg").evaluate((svg) => {
        const colours = ["text", "quiet", "line", "page"].map((name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim());
        const isData = (path) => ![null, "none", "transparent", ...colours].includes(path.getAttribute("fill"));
        return [...svg.querySelectorAll("path")].filter(isData).length;
    });
    await expect.poll(marks).toBeGreaterThanOrEqual(least);
}
