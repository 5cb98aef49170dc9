// A run moves on open pages while it works: nobody reloads, and at its end the new data is offered.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, servers, test } from "../dashboard.js";

test.use({ baseURL: servers.live });

test("a run shows on open pages as it goes, and ends with the new data offered", async ({ page, context }) => {
    test.setTimeout(90_000);
    const pipeline = await context.newPage();
    await pipeline.goto("/pipeline");
    await page.goto("/");
    await page.evaluate(() => { window.isStillTheSame = true; });
    await Promise.all([remember(page, "#live"), remember(pipeline, "#live-stages")]);
    const before = await page.locator("#fresh time").first().getAttribute("datetime");

    await run("--albums", "120", "--latency-ms", "150");

    const reload = page.locator("#live a, #live button").first();
    await expect(reload).toBeVisible();
    const said = await remembered(page);
    console.log(`#live said ${said.length} things, such as: ${said.slice(0, 4).join(" | ")}`);
    expect(said.length, said.join("\n")).toBeGreaterThanOrEqual(4);
    expect(await page.evaluate(() => window.isStillTheSame), "the page was not loaded again").toBe(true);
    const stages = (await remembered(pipeline)).join("\n");
    for (const stage of ["discover", "fetch", "transform"]) expect(stages).toContain(stage);

    await reload.click();
    await expect.poll(() => page.locator("#fresh time").first().getAttribute("datetime")).not.toBe(before);
});

/** A run of the sandbox, until it has succeeded. */
async function run(...options) {
    const all = ["run", "--sandbox", "--release-every", "0", "--calls-per-window", "0", ...options];
    const environment = { ...process.env, DATABASE_URL: process.env.LIVE_DATABASE, SPOTIFY_MAX_IN_FLIGHT: "1" };
    const job = spawn(process.env.FIRSTPRESS, all, { env: environment, stdio: "ignore" });
    const [code] = await once(job, "exit");
    expect(code).toBe(0);
}

/** Keeps every text that an element shows from now on. */
async function remember(page, selector) {
    await page.locator(selector).waitFor({ state: "attached" });
    await page.evaluate((selector) => {
        window.said = [];
        const note = () => {
            const text = document.querySelector(selector).innerText.replace(/\s+/g, " ").trim();
            if (text && text !== window.said.at(-1)) window.said.push(text);
        };
        new MutationObserver(note).observe(document.querySelector(selector), { childList: true, subtree: true, characterData: true, attributes: true });
        note();
    }, selector);
}

const remembered = (page) => page.evaluate(() => window.said);
