// How the browser is started. Where the servers are, ./run says in the environment.
import { defineConfig } from "@playwright/test";

export default defineConfig({
    testDir: "specs",
    outputDir: "results",
    workers: 2,
    fullyParallel: true,
    retries: 0,
    timeout: 20_000,
    expect: { timeout: 5_000 },
    forbidOnly: !!process.env.CI,
    reporter: [["list"]],
    use: {
        baseURL: process.env.FILLED_URL,
        viewport: { width: 1280, height: 900 },
        actionTimeout: 5_000,
        locale: "en-GB",
        timezoneId: "UTC",
        trace: "off",
        launchOptions: {
            executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
            // A test speaks to loopback alone, so the browser should not even try the rest.
            args: ["--disable-gpu", "--disable-quic", "--disable-sync"],
        },
    },
});
