// Answers NCALayer's address inside a page, by asking who holds the employee's key.
async function answerAsNcalayer(signer, page) {
  await page.context().routeWebSocket(/^wss:\/\/127\.0\.0\.1:13579\/?$/, (socket) => {
    socket.onMessage(async (frame) => {
      const answer = await fetch(signer, { method: "POST", body: frame });
      socket.send(await answer.text());
    });
    socket.send(JSON.stringify({ result: { version: "1.2" } }));
  });
}
exports.__esModule = true;
exports.answerAsNcalayer = answerAsNcalayer;
