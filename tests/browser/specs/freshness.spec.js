// How fresh the data is: the time of the last run that brought it, and a notice once that is long ago.
import { expect, rows, servers, test } from "../dashboard.js";

const LAST_SUCCESS = "select max(finished_at) as at from ops.runs where status = 'succeeded'";

test("the time of the last successful run stands at the top, and nothing is stale", async ({ page }) => {
    await page.goto("/");
    const [last] = await rows(LAST_SUCCESS);
    const shown = page.locator("#fresh time").first();
    await expect(shown).toBeVisible();
    expect(seconds(await shown.getAttribute("datetime"))).toBe(seconds(last.at));
    await expect(page.locator("#stale")).toHaveCount(0);
    // the stream has been heard, and what it says is what the page shows
    await expect(page.locator("#live")).toContainText("Last run");
    await expect(page.getByRole("button", { name: "New data" })).toBeHidden();
});

test("after ten days without a run every page says since when", async ({ page }) => {
    const [last] = await rows(LAST_SUCCESS, "stale");
    for (const path of ["/", "/features", "/pipeline"]) {
        await page.goto(servers.stale + path);
        const notice = page.locator("#stale");
        await expect(notice).toContainText("10 days");
        await expect(notice).toContainText(day.format(new Date(last.at)));
        await expect(notice).toContainText("firstpress run");
    }
});

const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });

const seconds = (time) => Math.floor(Date.parse(time) / 1000);
