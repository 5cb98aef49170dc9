// A database that has only been migrated: every page says what to do.
import { expect, pages, servers, test } from "../dashboard.js";

test.use({ baseURL: servers.empty });

for (const path of pages.filter((path) => !path.includes("{id}"))) {
    test(`${path} says what to do while there is no data`, async ({ page }) => {
        const answer = await page.goto(path);
        expect(answer.status()).toBe(200);
        await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
        await expect(page.locator("#main")).toContainText("firstpress run");
    });
}
