// Lengths and areas on the mean sphere: within 0.6 % of the ellipsoid. Positions are [longitude, latitude].
const RADIUS = 6_371_008.8; // metres, IUGG, as mapper/geography/positions.py
const radians = (degrees) => (degrees * Math.PI) / 180;

/** The great-circle distance of two positions, in metres. */
export function distance([lon1, lat1], [lon2, lat2]) {
  const [phi1, phi2] = [radians(lat1), radians(lat2)];
  const chord =
    Math.sin((phi2 - phi1) / 2) ** 2 + Math.cos(phi1) * Math.cos(phi2) * Math.sin(radians(lon2 - lon1) / 2) ** 2;
  return 2 * RADIUS * Math.asin(Math.sqrt(Math.min(1, chord)));
}

/** The length of a line of positions, in metres. */
export function lengthOf(line) {
  return line.slice(1).reduce((sum, place, n) => sum + distance(line[n], place), 0);
}

/** The area within a ring of positions (its end need not be its start), in square metres. */
export function areaOf(ring) {
  const sum = ring.reduce((total, [lon, lat], n) => {
    const [nextLon, nextLat] = ring[(n + 1) % ring.length];
    return total + radians(nextLon - lon) * (2 + Math.sin(radians(lat)) + Math.sin(radians(nextLat)));
  }, 0);
  return Math.abs((sum * RADIUS ** 2) / 2);
}

/** Whether two sides of a ring cross, so that it has no inside. */
export function crossesItself(ring) {
  const sides = ring.map((place, n) => [place, ring[(n + 1) % ring.length]]);
  const turn = ([ax, ay], [bx, by], [cx, cy]) => Math.sign((bx - ax) * (cy - ay) - (by - ay) * (cx - ax));
  const cross = ([a, b], [c, d]) => turn(a, b, c) * turn(a, b, d) < 0 && turn(c, d, a) * turn(c, d, b) < 0;
  return sides.some((side, n) => sides.slice(n + 1).some((other) => cross(side, other)));
}
