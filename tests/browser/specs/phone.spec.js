// A phone, 390 pixels wide: the page never scrolls sideways, and its menu can be used.
import { addressOf, expect, pages, test } from "../dashboard.js";

test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });

for (const path of pages) {
    test(`${path} fits a phone`, async ({ page }) => {
        await page.goto(await addressOf(path));
        const [wide, screen] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
        expect(screen, "the page's own width").toBe(390);
        expect(wide).toBeLessThanOrEqual(390);
    });
}

test("the menu leads from page to page", async ({ page }) => {
    await page.goto("/");
    const menu = page.getByRole("navigation").first();
    for (const link of await menu.getByRole("link").all()) {
        const box = await link.boundingBox();
        expect(box.height, `height of ${await link.innerText()} for a thumb`).toBeGreaterThanOrEqual(24);
    }
    await menu.getByRole("link", { name: "Features" }).tap();
    await expect(page).toHaveURL(/\/features/);
});
