// Each view is seen filled: its table has rows, and its figures draw their marks. What the rows say, tests/serve tests.
import { addressOf, expect, pages, test } from "../dashboard.js";

/** The table of each view, and how many marks each of its figures draws at least where that has so many rows. */
const views = {
    "/": { table: "#releases", marks: { bars: (rows) => Math.min(rows, 10) } },
    "/releases/{id}": { table: ".tracks", marks: { paths: () => 3 } },
    "/search?q=love": { table: "#hits", marks: {} },
    "/features": { table: "#correlations", marks: { heatmap: (rows) => rows, scatter: () => 50 } },
    "/artists": { table: "#artists", marks: { profile: (rows) => rows * 5 } },
    "/calendar": { table: "#calendar", marks: { calendar: (rows) => rows } },
    "/popularity": { table: "#releases", marks: { paths: (rows) => rows * 2 } },
    "/pipeline": { table: "#runs", marks: {} },
};

for (const path of pages) {
    test(`each figure of ${path} draws its marks`, async ({ page }) => {
        const { table, marks } = views[path];
        await page.goto(await addressOf(path));
        await expect(page.locator(table)).toBeVisible();
        const rows = await page.locator(table).locator("tbody tr").count();
        expect(rows).toBeGreaterThan(0);
        const figures = page.locator("figure.chart");
        expect(await figures.evaluateAll((all) => all.map((figure) => figure.dataset.chart))).toEqual(Object.keys(marks));
        for (const [kind, least] of Object.entries(marks)) {
            await expectMarks(page.locator(`figure[data-chart=${kind}]`), least(rows));
        }
    });
}

/** A chart has at least so many shapes in the colours of its data, those of its legend among them. */
async function expectMarks(figure, least) {
    await expect(figure.locator("svg")).toBeVisible();
    const marks = () => figure.locator("svg").evaluate((svg) => {
        const colours = ["text", "quiet", "line", "page"].map((name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim());
        const isData = (path) => ![null, "none", "transparent", "#000", "rgb(0,0,0)", ...colours].includes(path.getAttribute("fill"));
        return [...svg.querySelectorAll("path")].filter(isData).length;
    });
    await expect.poll(marks).toBeGreaterThanOrEqual(least);
}
