// axe on every page: light, dark, and on a phone.
import AxeBuilder from "@axe-core/playwright";
import { addressOf, expect, pages, servers, test } from "../dashboard.js";

test.setTimeout(60_000);

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

/** Every rule in the light; of the dark and of a phone what can differ there, since axe takes its time. */
async function expectAccessible(page) {
    await page.emulateMedia({ colorScheme: "light" });
    expect(await grave(page, {}), "light").toEqual([]);
    await page.emulateMedia({ colorScheme: "dark" });
    expect(await grave(page, { runOnly: ["color-contrast"] }), "dark").toEqual([]);
    await page.setViewportSize({ width: 390, height: 844 });
    expect(await grave(page, { runOnly: ["scrollable-region-focusable", "target-size"] }), "on a phone").toEqual([]);
}

/** What axe calls serious or critical: the rule, the element and what is wrong with it. */
async function grave(page, options) {
    const { violations } = await new AxeBuilder({ page }).options({ resultTypes: ["violations"], ...options }).analyze();
    return violations
        .filter(({ impact }) => ["serious", "critical"].includes(impact))
        .flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html} (${node.failureSummary})`));
}
