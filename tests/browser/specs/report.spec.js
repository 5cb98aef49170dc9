// `firstpress report`: one file that is opened from the disk and asks nobody for anything.
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, newestWeek, rows, test as base } from "../dashboard.js";

const test = base.extend({
    report: async ({}, use, info) => {
        const path = info.outputPath("report.html");
        const environment = { ...process.env, DATABASE_URL: process.env.FILLED_DATABASE };
        await promisify(execFile)(process.env.FIRSTPRESS, ["report", "--output", path], { env: environment });
        await use(`file://${path}`);
    },
});

test("the report is opened as a file, draws its charts and asks for nothing", async ({ page, report }) => {
    const asked = [];
    page.on("request", (request) => asked.push(request.url()));
    await page.goto(report);
    expect(asked.filter((url) => !url.startsWith("data:"))).toEqual([report]);
    for (const figure of await page.locator("figure.chart").all()) {
        await expect(figure.locator("svg path").first()).toBeAttached();
    }
    const [top] = await rows(`select album_name from trends.weekly_top_releases where release_week = '${await newestWeek()}' and rank = 1`);
    await expect(page.locator("body")).toContainText(top.album_name);
});
