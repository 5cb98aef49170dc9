// The README's pictures, made only when SCREENSHOTS=1 asks for them.
import { expect, fullWeek, test } from "../dashboard.js";

const images = new URL("../../../images/", import.meta.url).pathname;

test.skip(process.env.SCREENSHOTS !== "1", "SCREENSHOTS=1 makes them");
test.use({ reducedMotion: "reduce" });

const pictures = [
    { file: "dashboard.png", path: "/", colorScheme: "light", width: 1200, height: 800 },
    { file: "dashboard-dark.png", path: "/", colorScheme: "dark", width: 1200, height: 800 },
    { file: "features.png", path: "/features", colorScheme: "light", width: 1200, height: 900 },
    { file: "phone.png", path: "/", colorScheme: "light", width: 390, height: 844 },
];

for (const { file, path, colorScheme, width, height } of pictures) {
    test(`images/${file}`, async ({ page }) => {
        await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
        await page.setViewportSize({ width, height });
        await page.goto(path === "/" ? `/?week=${await fullWeek()}` : path);
        await expect(page.locator("figure.chart svg").first()).toBeVisible();
        await page.screenshot({ path: images + file });
    });
}
