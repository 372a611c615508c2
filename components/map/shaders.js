// GLSL ES 3.00 sources of the map's two programs.

/**
 * Points. `layer` says which are drawn: 0 all, 1 those outside the selection, dimmed, 2 those
 * inside it, ringed. Everything else is moved out of the clip volume.
 */
export const POINT_VERTEX = `#version 300 es
layout(location = 0) in vec3 position;
layout(location = 1) in uint code;
layout(location = 2) in uint selected;
uniform mat4 matrix;
uniform float size;          // device px at the distance of the camera's target
uniform float targetDepth;   // 0: no perspective
uniform int layer;
uniform int hovered;
uniform sampler2D palette;   // rgb of each code; alpha 0 hides it
out vec3 colour;
flat out float diameter;
flat out int emphasis;       // 0 plain, 1 selected, 2 hovered

void main() {
  vec4 entry = texelFetch(palette, ivec2(int(code), 0), 0);
  bool other = layer == 1 && selected != 0u || layer == 2 && selected == 0u;
  if (other || entry.a == 0.0) {
    gl_Position = vec4(2.0, 2.0, 2.0, 1.0);
    return;
  }
  gl_Position = matrix * vec4(position, 1.0);
  emphasis = gl_VertexID == hovered ? 2 : int(layer == 2);
  float nearness = targetDepth > 0.0 ? clamp(targetDepth / gl_Position.w, 0.6, 2.0) : 1.0;
  diameter = size * nearness * (emphasis == 2 ? 1.8 : emphasis == 1 ? 1.3 : 1.0);
  gl_PointSize = diameter;
  colour = entry.rgb;
}`;

export const POINT_FRAGMENT = `#version 300 es
precision highp float;
in vec3 colour;
flat in float diameter;
flat in int emphasis;
uniform highp int layer;
uniform vec3 background;
uniform vec3 ink;
out vec4 result;

void main() {
  float radius = length(gl_PointCoord * 2.0 - 1.0);
  float pixel = 2.0 / diameter;
  float alpha = 1.0 - smoothstep(1.0 - pixel, 1.0, radius);
  if (alpha < 0.1) discard;
  vec3 shade = colour;
  if (emphasis > 0) shade = mix(colour, ink, smoothstep(0.62, 0.62 + pixel, radius));
  else if (layer == 1) shade = mix(colour, background, 0.78);
  else shade = colour * (1.0 - 0.35 * smoothstep(0.6, 1.0, radius));
  result = vec4(shade, alpha);
}`;

export const LINE_VERTEX = `#version 300 es
layout(location = 0) in vec3 position;
uniform mat4 matrix;
void main() { gl_Position = matrix * vec4(position, 1.0); }`;

export const LINE_FRAGMENT = `#version 300 es
precision mediump float;
uniform vec4 colour;
out vec4 result;
void main() { result = colour; }`;
