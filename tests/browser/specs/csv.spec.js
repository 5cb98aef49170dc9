// What is downloaded is what is shown.
import { readFile } from "node:fs/promises";
import { cells, expect, test } from "../dashboard.js";

test("correlations of the period", async ({ page }) => {
    await page.goto("/features");
    const shown = await cells(page.locator("#correlations"));
    const found = await download(page, page.getByRole("link", { name: "CSV", exact: true }));
    const figure = (text) => Number(text.split(/\s/)[0]).toFixed(2);
    expect(found.map((row) => figure(row.spearman)).sort()).toEqual(shown.map(([, , spearman]) => figure(spearman)).sort());
});

test("the days of the calendar", async ({ page }) => {
    await page.goto("/calendar");
    const shown = await cells(page.locator("#calendar"));
    const found = await download(page, page.getByRole("link", { name: "CSV", exact: true }));
    expect(found.map((row) => row.releases).sort()).toEqual(shown.map(([, releases]) => releases.replaceAll(",", "")).sort());
});

/** The rows of the file behind a link, as objects. */
async function download(page, link) {
    const [file] = await Promise.all([page.waitForEvent("download"), link.click()]);
    expect(file.suggestedFilename()).toMatch(/\.csv$/);
    const [names, ...lines] = parse(await readFile(await file.path(), "utf8"));
    return lines.map((line) => Object.fromEntries(names.map((name, place) => [name, line[place]])));
}

/** CSV as RFC 4180 has it. */
function parse(text) {
    const lines = [[""]];
    const token = /"((?:[^"]|"")*)"|[^",\r\n]+|,|\r?\n/g;
    for (const [whole, quoted] of text.replace(/^\ufeff/, "").trimEnd().matchAll(token)) {
        const line = lines.at(-1);
        if (whole === ",") line.push("");
        else if (/^\r?\n$/.test(whole)) lines.push([""]);
        else line[line.length - 1] = quoted === undefined ? whole : quoted.replaceAll('""', '"');
    }
    return lines;
}
