// A layer of marks on the map, all of which a table tells in words and numbers. What it draws is its own.
export class TableLayer {
  /** `pane` lies at `height` among the map's panes; `body` is the table's body. */
  constructor(map, { pane, height, body, onFailure }) {
    Object.assign(this, { map, body, onFailure, isOn: false });
    if (!map.getPane(pane)) map.createPane(pane).style.zIndex = height;
  }

  turn(isOn) {
    this.isOn = isOn;
    this.body.closest("details").hidden = !isOn;
    this.draw();
  }

  show() {}

  restyle() {}

  /** Take away what is drawn, and draw `markers` instead. */
  replace(markers) {
    this.group?.remove();
    this.group = markers.length ? window.L.layerGroup(markers).addTo(this.map) : undefined;
  }
}
