// What every test gets: a page that must not complain, the addresses of all pages, and what the database says.
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test as base } from "@playwright/test";

export { expect };

/** Where each database is served: filled, empty, stale, live. */
export const servers = Object.fromEntries(
    ["FILLED", "EMPTY", "STALE", "LIVE"].map((name) => [name.toLowerCase(), process.env[`${name}_URL`]]),
);

/** Every page, as its path. {id} stands for a release. */
export const pages = ["/", "/releases/{id}", "/search?q=love", "/features", "/artists", "/calendar", "/popularity", "/pipeline"];

const origins = Object.values(servers).map((url) => new URL(url).origin);

export const test = base.extend({
    // Fails the test when a page logs an error, breaks its content security policy or asks another host for anything.
    page: async ({ page }, use) => {
        const complaints = [];
        page.on("console", (said) => {
            if (["error", "warning"].includes(said.type())) complaints.push(`${said.type()}: ${said.text()}`);
        });
        page.on("pageerror", (error) => complaints.push(`uncaught: ${error.message}`));
        page.on("request", (request) => {
            const { protocol, origin } = new URL(request.url());
            const stays = ["data:", "blob:", "file:"].includes(protocol) || origins.includes(origin);
            if (!stays) complaints.push(`asks elsewhere: ${request.url()}`);
        });
        await use(page);
        expect(complaints, "what the browser complains of").toEqual([]);
    },
});

/** The rows of a query on one of the databases, as objects. */
export async function rows(query, database = "filled") {
    const json = `select coalesce(json_agg(found), '[]') from (${query}) as found`;
    const url = process.env[`${database.toUpperCase()}_DATABASE`];
    const options = ["--no-psqlrc", "--tuples-only", "--no-align", `--dbname=${url}`, `--command=${json}`];
    const { stdout } = await promisify(execFile)("psql", options, { maxBuffer: 2 ** 26 });
    return JSON.parse(stdout);
}

/** The path of a page, with a release where it needs one. */
export async function addressOf(path) {
    if (!path.includes("{id}")) return path;
    const [top] = await rows("select album_id from trends.weekly_top_releases order by popularity desc nulls last, album_id limit 1");
    return path.replace("{id}", top.album_id);
}

/** The newest week with releases, as YYYY-MM-DD. */
export async function newestWeek() {
    const [{ week }] = await rows("select max(release_week) as week from trends.weekly_top_releases");
    return week;
}

/** The cells of a table's body, as text; of a heading with links the first, which is its name. */
export async function cells(table) {
    await table.waitFor();
    return table.locator("tbody tr").evaluateAll((all) => {
        const text = (cell) => ((cell.tagName === "TH" && cell.querySelector("a")) || cell).innerText.trim();
        return all.map((row) => [...row.cells].map(text));
    });
}

/** The newest week with ten releases of two types or more, as YYYY-MM-DD. */
export async function fullWeek() {
    const [{ week }] = await rows(`
        select max(release_week) as week from (
            select release_week from trends.weekly_top_releases
            group by release_week having count(*) >= 10 and count(distinct release_type) > 1
        ) as full_ones`);
    return week;
}
