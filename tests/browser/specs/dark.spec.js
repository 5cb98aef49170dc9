// Dark where the system is dark: page, text, and what charts are labelled with.
import { expect, test } from "../dashboard.js";

for (const [colorScheme, isDark] of [["dark", true], ["light", false]]) {
    test(`${colorScheme} where the system is ${colorScheme}`, async ({ page }) => {
        await page.emulateMedia({ colorScheme });
        await page.goto("/features");
        await expect(page.locator("figure svg text").first()).toBeVisible();
        const { background, text, labels } = await page.evaluate(colours);
        expect(luminance(background) < 0.1, `background ${background}`).toBe(isDark);
        expect(contrast(background, text)).toBeGreaterThan(7);
        for (const label of labels) {
            expect(contrast(background, label), `${label} on ${background}`).toBeGreaterThanOrEqual(4.5);
        }
    });
}

test("a chart follows when the system turns dark", async ({ page }) => {
    await page.emulateMedia({ colorScheme: "light" });
    await page.goto("/features");
    const label = page.locator("figure svg text").first();
    const before = await label.evaluate((text) => getComputedStyle(text).fill);
    await page.emulateMedia({ colorScheme: "dark" });
    await expect.poll(() => page.locator("figure svg text").first().evaluate((text) => getComputedStyle(text).fill)).not.toBe(before);
});

function colours() {
    const { backgroundColor, color } = getComputedStyle(document.body);
    const labels = [...document.querySelectorAll("figure svg text")].map((text) => getComputedStyle(text).fill);
    return { background: backgroundColor, text: color, labels: [...new Set(labels)] };
}

/** Relative luminance of `rgb(…)`, 0 to 1, by WCAG 2.2. */
function luminance(colour) {
    const parts = colour.match(/[\d.]+/g).slice(0, 3).map((part) => part / 255);
    const [red, green, blue] = parts.map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one, other) {
    const [bright, dim] = [luminance(one), luminance(other)].sort((a, b) => b - a);
    return (bright + 0.05) / (dim + 0.05);
}
