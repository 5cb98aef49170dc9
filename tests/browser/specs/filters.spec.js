// Filters stand in the address: what is chosen can be sent on, reloaded, and gone back from.
import { cells, expect, fullWeek, rows, test } from "../dashboard.js";

const ofType = async (type) =>
    rows(`select rank from trends.weekly_top_releases
        where release_week = '${await fullWeek()}' and release_type = '${type}' order by rank limit 50`);

test("the type of top releases: choose, reload, go back", async ({ page }) => {
    await page.goto(`/?week=${await fullWeek()}`);
    const all = await cells(page.locator("#releases"));
    const [{ release_type: type }] = await rows(`
        select release_type from trends.weekly_top_releases
        where release_week = '${await fullWeek()}' group by release_type order by count(*), release_type limit 1`);
    const ranks = (await ofType(type)).map(({ rank }) => String(rank));
    expect(ranks.length, "the filter takes something away").toBeLessThan(all.length);

    const filters = page.locator(".filters");
    await filters.getByLabel("Type").selectOption(type);
    await filters.getByRole("button").click();
    const shown = async () => (await cells(page.locator("#releases"))).map(([rank]) => rank);
    await expect(page).toHaveURL(new RegExp(`[?&]type=${type}`));
    expect(await shown()).toEqual(ranks);

    await page.reload();
    expect(await shown()).toEqual(ranks);
    await expect(filters.getByLabel("Type")).toHaveValue(type);

    await page.goBack();
    expect(await cells(page.locator("#releases"))).toEqual(all);
    await expect(filters.getByLabel("Type")).toHaveValue("");
});

test("a part of an artist's name, and what a filter that lets nothing through offers", async ({ page }) => {
    const [{ artist_names: name }] = await rows(`
        select artist_names from trends.weekly_top_releases where release_week = '${await fullWeek()}' and rank = 2`);
    await page.goto(`/?week=${await fullWeek()}`);
    const filters = page.locator(".filters");
    await filters.getByLabel("Artist").fill(name.toUpperCase());
    await filters.getByLabel("Artist").press("Enter");
    await expect(page.locator("#releases tbody tr").filter({ hasText: name })).not.toHaveCount(0);
    for (const [, , artists] of await cells(page.locator("#releases"))) expect(artists).toContain(name);

    await filters.getByLabel("Artist").fill("nobody is called that");
    await filters.getByLabel("Artist").press("Enter");
    await expect(page.locator("#nothing")).toBeVisible();
    await page.locator("#nothing a").first().click();
    await expect(page.locator("#releases tbody tr")).not.toHaveCount(0);
});

test("the week and back by the links beside it", async ({ page }) => {
    const weeks = await rows("select distinct release_week from trends.weekly_top_releases order by release_week desc limit 2");
    await page.goto("/");
    await page.locator("a[rel=prev]").first().click();
    await expect(page).toHaveURL(new RegExp(`week=${weeks[1].release_week}`));
    await expect(page.getByLabel("Week")).toHaveValue(weeks[1].release_week);
    await page.locator("a[rel=next]").first().click();
    await expect(page.getByLabel("Week")).toHaveValue(weeks[0].release_week);
});

test("the feature and the measure of correlations", async ({ page }) => {
    await page.goto("/features");
    const filters = page.locator(".filters");
    await filters.getByLabel("Feature").selectOption("tempo");
    await filters.getByLabel("Correlation").selectOption("pearson");
    await filters.getByRole("button").click();
    await expect(page).toHaveURL(/feature=tempo/);
    await expect(page).toHaveURL(/measure=pearson/);
    await expect(page.getByRole("heading", { name: "Tempo, track by track" })).toBeVisible();
    await page.reload();
    await expect(filters.getByLabel("Feature")).toHaveValue("tempo");
    await page.goBack();
    await expect(filters.getByLabel("Feature")).not.toHaveValue("tempo");
});

test("an artist is found and added to those compared", async ({ page }) => {
    const [{ artist_name: name, artist_id: id }] = await rows(`
        select artist_name, artist_id from trends.artist_feature_profile where artist_name is not null
        order by mean_popularity nulls last, artist_id limit 1`);
    await page.goto("/artists");
    await page.getByLabel("Add an artist").fill(name);
    await page.getByLabel("Add an artist").press("Enter");
    await page.locator(`a[href*="artist=${id}"]`).click();
    await expect(page).toHaveURL(new RegExp(`artist=${id}`));
    expect((await cells(page.locator("#artists"))).map(([shown]) => shown)).toContain(name);
});

test("a value that cannot be used is told at its filter, and the page is there", async ({ page }) => {
    const answer = await page.goto("/?week=soon");
    expect(answer.status()).toBe(200);
    await expect(page.getByRole("alert")).toContainText("soon");
    await expect(page.locator("#releases tbody tr")).not.toHaveCount(0);
});
