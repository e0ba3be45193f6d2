// Calls every tool with the TypeScript SDK of MCP, in each version of the protocol, over HTTP and over standard input.
import assert from "node:assert/strict";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";

const [address, program, ledger] = process.argv.slice(2);
const VERSIONS = ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"];
const CALLS = {
  cost_summary: { period: "all", group_by: "model" },
  compare_periods: { period: "month", group_by: "model" },
  list_dimensions: { values_of: "attribute.team" },
  explain_call: { id: "call-1" },
  model_prices: { model: "claude-sonnet-4-5" },
  budget_status: {},
};

// The SDK always asks for its newest version: the transport asks for another one in its place.
function speaking(version, transport) {
  const send = transport.send.bind(transport);
  transport.send = (message, options) => {
    if (message.method === "initialize") {
      message.params.protocolVersion = version;
    }
    return send(message, options);
  };
  return transport;
}

// The answer to a message that the SDK itself never sends.
function answered(transport, message, count) {
  return new Promise((resolve) => {
    const before = transport.onmessage;
    const answers = [];
    transport.onmessage = (answer, extra) => {
      if (typeof answer.id === "string" && answer.id.startsWith("own-")) {
        answers.push(answer);
        if (answers.length === count) {
          transport.onmessage = before;
          resolve(answers);
        }
      } else {
        before(answer, extra);
      }
    };
    transport.send(message);
  });
}

let calls = 0;
for (const version of VERSIONS) {
  for (const kind of ["http", "stdio"]) {
    const transport = speaking(
      version,
      kind === "http"
        ? new StreamableHTTPClientTransport(new URL("/mcp", address))
        : new StdioClientTransport({ command: program, args: ["--ledger", ledger, "mcp"], stderr: "inherit" }),
    );
    const client = new Client({ name: "check", version: "1" });
    await client.connect(transport);
    const { tools } = await client.listTools();
    assert.deepEqual(tools.map((tool) => tool.name).sort(), Object.keys(CALLS).sort());
    for (const tool of tools) {
      const result = await client.callTool({ name: tool.name, arguments: CALLS[tool.name] });
      assert.ok(!result.isError, `${version} ${kind} ${tool.name}: ${JSON.stringify(result.content)}`);
      assert.equal(result.content[0].type, "text");
      assert.equal(typeof result.structuredContent, "object");
      calls++;
    }
    await assert.rejects(client.callTool({ name: "no_such_tool", arguments: {} }), /no_such_tool.*cost_summary/);
    if (version === "2025-03-26" && kind === "http") {
      const batch = ["own-1", "own-2"].map((id) => ({ jsonrpc: "2.0", id, method: "ping" }));
      const answers = await answered(transport, batch, 2);
      assert.deepEqual(answers.map((answer) => answer.id), ["own-1", "own-2"]);
    }
    await client.close();
  }
}
console.log(`${calls} calls of ${Object.keys(CALLS).length} tools in ${VERSIONS.length} versions`);
