// GLSL ES 3.00 sources of the map's programs.

/**
 * Points. While there is a selection, what is outside it is faded, and what is inside lies in the
 * nearer half of the depth range, so that one pass draws it over everything else.
 */
export const POINT_VERTEX = `#version 300 es
layout(location = 0) in vec3 position;
layout(location = 1) in uint code;
layout(location = 2) in uint selected;
uniform mat4 matrix;
uniform float size;          // device px at the distance of the camera's target
uniform float targetDepth;   // 0: no perspective
uniform bool dimmed;         // whether there is a selection to stand out
uniform int hovered;
uniform vec3 background;
uniform sampler2D palette;   // rgb of each code; alpha 0 hides it
flat out vec3 colour;
flat out float diameter;
flat out int emphasis;       // -1 faded, 0 plain, 1 ringed

void main() {
  vec4 entry = texelFetch(palette, ivec2(int(code), 0), 0);
  if (entry.a == 0.0) {
    gl_Position = vec4(2.0, 2.0, 2.0, 1.0);
    return;
  }
  gl_Position = matrix * vec4(position, 1.0);
  float nearness = targetDepth > 0.0 ? clamp(targetDepth / gl_Position.w, 0.6, 2.0) : 1.0;
  bool under = gl_VertexID == hovered;
  bool chosen = dimmed && selected != 0u;
  if (dimmed) gl_Position.z = 0.5 * (gl_Position.z + (chosen ? -1.0 : 1.0) * gl_Position.w);
  emphasis = under || chosen ? 1 : dimmed ? -1 : 0;
  diameter = size * nearness * (under ? 1.8 : chosen ? 1.3 : 1.0);
  gl_PointSize = diameter;
  colour = emphasis < 0 ? mix(entry.rgb, background, 0.78) : entry.rgb;
}`;

export const POINT_FRAGMENT = `#version 300 es
precision highp float;
flat in vec3 colour;
flat in float diameter;
flat in int emphasis;
uniform vec3 ink;
out vec4 result;

void main() {
  float radius = length(gl_PointCoord * 2.0 - 1.0);
  float pixel = 2.0 / diameter;
  float alpha = 1.0 - smoothstep(1.0 - pixel, 1.0, radius);
  if (alpha < 0.1) discard;
  vec3 shade = colour;
  if (emphasis > 0) shade = mix(colour, ink, smoothstep(0.62, 0.62 + pixel, radius));
  else if (emphasis == 0) shade = colour * (1.0 - 0.35 * smoothstep(0.6, 1.0, radius));
  result = vec4(shade, alpha);
}`;

/** Points of a few pixels, where a processor draws them: neither smooth edges nor rings. */
export const SPECK_FRAGMENT = `#version 300 es
precision mediump float;
flat in vec3 colour;
out vec4 result;

void main() {
  vec2 from = gl_PointCoord * 2.0 - 1.0;
  if (dot(from, from) > 1.0) discard;
  result = vec4(colour, 1.0);
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
