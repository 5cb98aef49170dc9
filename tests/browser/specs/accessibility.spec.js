// axe, with the rules of WCAG 2.2 AA and its best practices, on every page, light and dark, wide and narrow.
import AxeBuilder from "@axe-core/playwright";
import { addressOf, expect, pages, servers, test } from "../dashboard.js";

const looks = {
    light: { colorScheme: "light" },
    dark: { colorScheme: "dark" },
    "on a phone": { colorScheme: "light", viewport: { width: 390, height: 844 } },
};

for (const [look, use] of Object.entries(looks)) {
    test.describe(look, () => {
        test.use(use);
        for (const path of pages) {
            test(`axe finds nothing serious on ${path}`, async ({ page }) => {
                await page.goto(await addressOf(path));
                await expectAccessible(page);
            });
        }
        test("axe finds nothing serious where there is no data", async ({ page }) => {
            await page.goto(servers.empty);
            await expectAccessible(page);
        });
    });
}

async function expectAccessible(page) {
    const { violations } = await new AxeBuilder({ page }).analyze();
    const grave = violations.filter(({ impact }) => ["serious", "critical"].includes(impact));
    const said = grave.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html} (${node.failureSummary})`));
    expect(said).toEqual([]);
}
