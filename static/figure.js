// A button that makes a PNG of a figure from its SVG file: 15 cm wide at 300 dots per inch. Without
// this script, people take the SVG file or print the page.
"use strict";

const WIDTH = 1772;

for (const note of document.querySelectorAll("[data-scripted]")) note.hidden = false;

for (const button of document.querySelectorAll("[data-png]")) {
  const problem = document.getElementById("png-problem");

  const refuse = () => {
    problem.textContent = "PNGを作れませんでした。SVGで受け取るか、この図だけを印刷してください。";
  };

  const give = (picture) => {
    if (!picture) {
      refuse();
      return;
    }
    const link = document.createElement("a");
    link.href = URL.createObjectURL(picture);
    link.download = button.dataset.name;
    link.click();
    // Some browsers read it only after this.
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  };

  button.hidden = false;
  button.addEventListener("click", () => {
    problem.textContent = "";
    const image = new Image();
    image.onerror = refuse;
    image.onload = () => {
      const canvas = document.createElement("canvas");
      canvas.width = WIDTH;
      canvas.height = Math.round(WIDTH * image.naturalHeight / image.naturalWidth);
      canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
      canvas.toBlob(give, "image/png");
    };
    image.src = button.dataset.png;
  });
}
