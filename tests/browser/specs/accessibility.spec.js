// axe, with all its rules, on every page: light, dark, and on a phone.
import AxeBuilder from "@axe-core/playwright";
import { addressOf, expect, pages, servers, test } from "../dashboard.js";

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

async function expectAccessible(page) {
    for (const colorScheme of ["light", "dark"]) {
        await page.emulateMedia({ colorScheme });
        expect(await grave(page), colorScheme).toEqual([]);
    }
    await page.setViewportSize({ width: 390, height: 844 });
    expect(await grave(page), "dark, on a phone").toEqual([]);
}

/** What axe calls serious or critical: the rule, the element and what is wrong with it. */
async function grave(page) {
    const { violations } = await new AxeBuilder({ page }).options({ resultTypes: ["violations"] }).analyze();
    return violations
        .filter(({ impact }) => ["serious", "critical"].includes(impact))
        .flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html} (${node.failureSummary})`));
}
