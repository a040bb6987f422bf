// Downloads follow the filters of the page they stand on. Without scripts they hold everything.
const form = document.querySelector("#filters");

form?.addEventListener("filtered", ({ detail }) => {
  for (const link of document.querySelectorAll("a.download")) {
    const address = new URL(link.href);
    address.search = detail.toString();
    link.href = address.href;
  }
});
