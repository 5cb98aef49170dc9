// Without a mouse: from the address bar by Tab to everything, always seeing where one is.
import { expect, test } from "../dashboard.js";

test.beforeEach(async ({ page }) => {
    await page.goto("/");
});

test("the first Tab offers to skip to the content", async ({ page }) => {
    await page.keyboard.press("Tab");
    const skip = page.getByRole("link", { name: "Skip to the content" });
    await expect(skip).toBeFocused();
    await expect(skip).toBeInViewport();
    await page.keyboard.press("Enter");
    await expect(page.locator("#main")).toBeFocused();
    await page.keyboard.press("Tab");
    expect(await page.evaluate(() => document.activeElement.closest("main") !== null)).toBe(true);
});

test("Tab reaches the menu, and Enter opens a view", async ({ page }) => {
    await tabTo(page, page.getByRole("navigation").getByRole("link", { name: "Features" }));
    await page.keyboard.press("Enter");
    await expect(page).toHaveURL(/\/features$/);
});

test("Tab reaches a release in the table, and Enter opens it", async ({ page }) => {
    await tabTo(page, page.locator("main table a[href^='/releases/']").first());
    await page.keyboard.press("Enter");
    await expect(page).toHaveURL(/\/releases\//);
});

test("a filter is chosen and sent by keys alone", async ({ page }) => {
    const filter = page.getByLabel("Type");
    await tabTo(page, filter);
    await page.keyboard.press("s");
    await tabTo(page, page.locator(".filters").getByRole("button"));
    await page.keyboard.press("Enter");
    await expect(page).toHaveURL(/type=single/);
    await expect(filter).toHaveValue("single");
});

/** Presses Tab until the element has the focus; every stop on the way must be visible, and be seen to have it. */
async function tabTo(page, element) {
    for (let stops = 0; stops < 60; stops += 1) {
        await page.keyboard.press("Tab");
        const [name, isSeen] = await page.evaluate(seen);
        expect(isSeen, `focus on ${name} is seen`).toBe(true);
        if (await element.evaluate((wanted) => wanted === document.activeElement)) return;
    }
    throw new Error("Tab does not reach it");
}

function seen() {
    const focused = document.activeElement;
    const { outlineStyle, outlineWidth } = getComputedStyle(focused);
    const { width, height } = focused.getBoundingClientRect();
    const isOutlined = outlineStyle !== "none" && parseFloat(outlineWidth) >= 2;
    return [focused.outerHTML.slice(0, 80), isOutlined && width > 1 && height > 1];
}
