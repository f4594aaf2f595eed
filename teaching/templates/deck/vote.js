// Under each question a count of hands: numbers are typed before the answers are shown.
const vote = (() => {
  for (const question of document.querySelectorAll(".predict")) {
    const options = [...question.querySelectorAll("details")];
    const form = document.createElement("form");
    form.className = "vote";
    form.innerHTML = "<span>Hands:</span>" + options.map((option) => {
      const letter = option.querySelector("summary").textContent.trim().slice(1, 2);
      return `<label>(${letter}) <input type="number" min="0" max="9999" inputmode="numeric"></label>`;
    }).join("") + '<button type="submit">Show</button>';
    question.append(form);
    const fields = [...form.querySelectorAll("input")];

    // The bars, and which option is right: nobody sees it before the room has voted.
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const hands = fields.map((field) => Number(field.value) || 0);
      options.forEach((option, i) => {
        const right = option.querySelector("p strong").textContent.startsWith("Yes");
        option.style.setProperty("--share", hands[i] / Math.max(1, ...hands));
        option.dataset.hands = `${hands[i]}${right ? " ✓" : ""}`;
      });
      document.activeElement.blur();
    });
  }

  function reset() {
    for (const question of document.querySelectorAll(".predict")) {
      question.querySelector(".vote").reset();
      for (const option of question.querySelectorAll("details")) {
        option.open = false;
        option.style.removeProperty("--share");
        delete option.dataset.hands;
      }
    }
  }
  return { reset };
})();
