// Reads an HTML report as a person would, and fails at the first thing that is not as it should be.
//
//   node read.mjs PACKAGES reader REPORT FOLDER     filter, open, copy, deep links, keys, themes, print, axe
//   node read.mjs PACKAGES long REPORT              opens fast, however long it is
//
// Screenshots go into FOLDER.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const [, , packages, mode, report, folder] = process.argv;
const require = createRequire(join(packages, "package.json"));
const { chromium } = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"],
});

/** A page over the report that fails the test when it complains, and that has no network. */
async function open({ hash = "", width = 1280, height = 900, scheme = "light", script = true } = {}) {
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: scheme,
    javaScriptEnabled: script,
  });
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const page = await context.newPage();
  const complaints = [];
  page.on("pageerror", (error) => complaints.push(`error: ${error.message}`));
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  page.on("dialog", (dialog) => complaints.push(`a dialog: ${dialog.message()}`));
  page.on("request", (request) => /^(file|data):/.test(request.url()) || complaints.push(`asked for ${request.url()}`));
  await page.goto(`file://${report}${hash}`);
  return { page, complaints, close: () => context.close() };
}

const steps = [];
const step = (name, body) => steps.push([name, body]);
const shot = (page, name) => page.screenshot({ path: join(folder, `${name}.png`) });

step("the answer stands first, in words and colours, with why and what to change", async ({ page }) => {
  assert.match(await page.locator("h1").innerText(), /^http:\/\/127\.0\.0\.1:\d+/);
  const row = page.locator(".matrix tr", { hasText: "Create users" }).first();
  assert.equal(await row.locator("td .state").first().innerText(), "breaks");
  assert.ok((await row.locator(".reasons .fix").first().innerText()).length > 10);
  await shot(page, "answer");
});

step("hostile values are shown as data", async ({ page }) => {
  assert.equal(await page.evaluate(() => globalThis.owned), undefined);
  assert.equal(await page.locator("img, iframe, object, b.owned").count(), 0);
  await page.locator("#search").fill("onerror");
  await page.waitForFunction(() => /^\d+ of/.test(document.querySelector("#shown").textContent));
  const conversation = page.locator(".conversation:not([hidden])").first();
  await page.waitForFunction(() => document.querySelectorAll(".conversation[hidden]").length > 0);
  await conversation.locator("summary").first().click();
  const turns = conversation.locator(".turn > summary");
  for (let at = 0; at < (await turns.count()); at += 1) await turns.nth(at).click();
  const text = await conversation.innerText();
  assert.ok(text.includes("<img src=x onerror=") && text.includes("</script>"), "the markup is readable");
  assert.ok(text.includes("\\u{202e}"), "what would turn the text around is visible");
  assert.ok(!text.includes("\u202e"));
  assert.ok(await conversation.locator("button", { hasText: /show .* more/ }).count(), "a long value is folded");
  assert.equal(await page.evaluate(() => globalThis.owned), undefined);
  await page.locator("#search").fill("");
});

step("filters leave what is wanted", async ({ page }) => {
  const shown = () => page.locator(".finding:not([hidden])").count();
  const all = await page.locator(".finding").count();
  const before = await shown();
  assert.ok(before > 1 && before <= all);
  await page.locator(".chip.error").click();
  const without = await shown();
  assert.ok(without < before, "errors are left out");
  assert.equal(await page.locator(".finding.of-error:not([hidden])").count(), 0);
  await page.locator(".chip.error").click();
  await page.locator("#search").fill("location-header");
  await page.waitForFunction(() => document.querySelector("#shown").textContent.startsWith("1 of"));
  assert.equal(await shown(), 1);
  await page.locator("#search").fill("");
  await page.locator("#profile").selectOption("okta");
  await page.waitForFunction(() => [...document.querySelectorAll(".variant:not([hidden])")].every((v) => v.getAttribute("aria-label").startsWith("okta")));
  await page.locator("#profile").selectOption("");
});

step("a finding opens: expected, actual, requirement, curl, the exchange with its place marked", async ({ page }) => {
  const finding = page.locator(".finding", { hasText: "rfc7644/3.3/location-header" }).first();
  await finding.locator("summary").first().click();
  assert.match(await finding.locator("a[href*='rfc7644.html#section-3.3']").first().innerText(), /RFC 7644 section 3\.3/);
  assert.match(await finding.locator(".pane").nth(1).innerText(), /201 Created/);
  await finding.locator(".copy").first().click();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  assert.match(copied, /^curl -i -X POST http:\/\/127\.0\.0\.1:\d+\/.*\$ACME_TOKEN/s);
  await finding.scrollIntoViewIfNeeded();
  await shot(page, "finding");
  const marked = page.locator(".finding", { hasText: "body /" }).first();
  await marked.locator("summary").first().click();
  assert.ok(await marked.locator("mark, tr.marked, p.marked").count(), "the place is marked");
  const pane = await marked.locator(".pane", { has: page.locator("mark") }).first().elementHandle();
  const raw = await pane.$("button[aria-pressed]");
  await raw.click();
  assert.equal(await raw.getAttribute("aria-pressed"), "true");
  assert.equal((await pane.$$("mark")).length, 0, "raw is the body as it came");
  await raw.click();
});

step("what changed since the baseline shows line by line", async ({ page }) => {
  const finding = page.locator(".finding", { hasText: "baseline/changed" }).first();
  await finding.locator("summary").first().click();
  assert.ok(await finding.locator(".diff .new").count());
  await finding.scrollIntoViewIfNeeded();
  await shot(page, "baseline");
});

step("a deep link opens its finding, and an exchange in its conversation", async ({ page }) => {
  const id = await page.locator(".finding").first().getAttribute("id");
  const linked = await open({ hash: `#${id}` });
  assert.ok(await linked.page.locator(`#${id}`).evaluate((element) => element.open));
  const box = await linked.page.locator(`#${id}`).boundingBox();
  assert.ok(box.y >= 0 && box.y < 900, `it is in view: ${box.y}`);
  const href = await linked.page.locator(`#${id} .example a[href^='#exchange-']`).first().getAttribute("href");
  await linked.page.locator(`#${id} .example a[href='${href}']`).first().click();
  const exchange = linked.page.locator(href);
  await exchange.waitFor({ state: "visible" });
  assert.ok(await exchange.evaluate((element) => element.open && element.closest(".conversation").open));
  await shot(linked.page, "conversation");
  assert.deepEqual(linked.complaints, []);
  await linked.close();
  // A link that leads nowhere is no error.
  const lost = await open({ hash: "#finding-0000000000" });
  assert.deepEqual(lost.complaints, []);
  await lost.close();
});

step("the keyboard is enough", async () => {
  const { page, complaints, close } = await open();
  await page.keyboard.press("j");
  await page.keyboard.press("j");
  const current = await page.locator(".finding.current").getAttribute("id");
  assert.equal(current, await page.locator(".finding:not([hidden])").nth(1).getAttribute("id"));
  await page.keyboard.press("Enter");
  assert.ok(await page.locator(`#${current}`).evaluate((element) => element.open));
  await page.keyboard.press("k");
  await page.keyboard.press("/");
  assert.equal(await page.evaluate(() => document.activeElement.id), "search");
  await page.keyboard.type("jjj");
  assert.equal(await page.locator("#search").inputValue(), "jjj", "keys are text in a field");
  await page.keyboard.press("Escape");
  await page.keyboard.press("?");
  assert.ok(await page.locator("#help").evaluate((element) => element.open));
  await page.keyboard.press("Escape");
  await page.keyboard.press("t");
  assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), "dark");
  assert.deepEqual(complaints, []);
  await close();
});

step("light and dark follow the system, and the button", async () => {
  const ground = (page) => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await open();
  const dark = await open({ scheme: "dark" });
  assert.notEqual(await ground(light.page), await ground(dark.page));
  await shot(dark.page, "dark");
  await light.page.locator("#theme").click();
  assert.equal(await ground(light.page), await ground(dark.page));
  await light.page.reload();
  assert.equal(await ground(light.page), await ground(dark.page), "it is remembered");
  await light.close();
  await dark.close();
});

step("a narrow window loses nothing", async () => {
  const { page, close } = await open({ width: 390, height: 844 });
  await page.locator(".finding").first().locator("summary").first().click();
  await page.locator(".conversation").first().locator("summary").first().click();
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(wide <= 390, `the page is ${wide} wide`);
  assert.ok(await page.locator(".matrix .reasons").first().isVisible());
  await page.evaluate(() => scrollTo(0, 0));
  await shot(page, "narrow");
  await close();
});

step("it can be printed, and read without scripts", async () => {
  const { page, close } = await open();
  await page.emulateMedia({ media: "print" });
  await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
  assert.ok(await page.locator(".finding .pair").first().isVisible());
  assert.ok(!(await page.locator(".bar").isVisible()));
  await close();
  const plain = await open({ script: false });
  assert.ok(await plain.page.locator(".matrix").first().isVisible());
  await plain.page.locator(".finding summary").first().click();
  assert.ok(await plain.page.locator(".finding .mend").first().isVisible());
  assert.ok(!(await plain.page.locator(".filters").isVisible()), "nothing is shown that does not work");
  await plain.close();
});

step("axe finds nothing serious, in light and dark, open and closed", async () => {
  for (const scheme of ["light", "dark"]) {
    const context = await browser.newContext({ colorScheme: scheme, bypassCSP: true, viewport: { width: 1280, height: 900 } });
    const page = await context.newPage();
    await page.goto(`file://${report}`);
    await page.evaluate(() => {
      for (const one of [...document.querySelectorAll(".finding")].slice(0, 6)) one.open = true;
      document.querySelector(".conversation").open = true;
      document.querySelector(".section").open = true;
    });
    await page.locator(".turn").first().locator("summary").click();
    await page.evaluate(axe);
    const found = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
    const serious = found.violations.filter(({ impact }) => impact === "serious" || impact === "critical");
    const told = serious.map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(" | ")}`);
    assert.deepEqual(told, [], `${scheme}: axe`);
    await context.close();
  }
});

async function reader() {
  const first = await open();
  for (const [name, body] of steps) {
    try {
      await body(first);
    } catch (error) {
      if (folder) await shot(first.page, "failed");
      throw new Error(`${name}: ${error.stack}`);
    }
    console.log(`ok: ${name}`);
  }
  assert.deepEqual(first.complaints, []);
}

async function long() {
  const begun = Date.now();
  const { page, complaints } = await open();
  await page.locator(".matrix").first().waitFor();
  const opened = Date.now() - begun;
  const exchanges = await page.evaluate(() => JSON.parse(document.getElementById("index").textContent).reduce((all, one) => all + one.exchanges.length, 0));
  const searched = Date.now();
  await page.locator("#search").fill("patch");
  await page.waitForFunction(() => document.querySelectorAll(".conversation[hidden]").length > 0);
  console.log(`ok: ${exchanges} exchanges opened in ${opened} ms, searched in ${Date.now() - searched} ms`);
  assert.ok(exchanges >= 10000, `${exchanges} exchanges`);
  // A machine that does other things at the same time is given room; alone it takes a second.
  assert.ok(opened < 8000, `it took ${opened} ms to open`);
  assert.deepEqual(complaints, []);
}

try {
  await (mode === "long" ? long() : reader());
} catch (error) {
  console.error(error);
  process.exitCode = 1;
} finally {
  await browser.close();
}
