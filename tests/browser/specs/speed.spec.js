// How soon something is seen, with the filled database. Machines differ, so only what anyone would notice fails.
import { expect, pages, addressOf, test } from "../dashboard.js";

for (const path of pages) {
    test(`${path} is seen soon`, async ({ page }, info) => {
        await page.goto(await addressOf(path));
        const paint = await page.evaluate(firstContentfulPaint);
        info.annotations.push({ type: "first contentful paint", description: `${Math.round(paint)} ms` });
        console.log(`first contentful paint of ${path}: ${Math.round(paint)} ms`);
        expect(paint).toBeLessThan(3000);
    });
}

function firstContentfulPaint() {
    return new Promise((resolve) => {
        const seen = (list) => {
            const paint = list.getEntriesByName("first-contentful-paint")[0];
            if (paint) resolve(paint.startTime);
        };
        new PerformanceObserver(seen).observe({ type: "paint", buffered: true });
    });
}
