import { init } from 'echarts'
import type { EChartsOption } from 'echarts'
import { COLOURS, darkStyle, FONT } from './theme.ts'

/** Height of a line of the caption in pixels. */
const CAPTION_LINE = 15
/** Width of a character of the caption in pixels: an estimate on the wide side, so that no line is cut. */
const CAPTION_CHARACTER = 6
export const MARGIN = 20

export interface Frame {
  readonly title: string
  readonly caption: string
  readonly width: number
  /** Of the chart without its caption. */
  readonly height: number
  readonly legend: readonly string[]
}

/** Where the plot lies between title and caption. */
export interface Plot {
  readonly top: number
  readonly bottom: number
}

/** Draws title, legend and caption around what `plot` returns. */
export function render(frame: Frame, plot: (area: Plot) => EChartsOption): string {
  const lines = wrap(frame.caption, Math.floor((frame.width - 2 * MARGIN) / CAPTION_CHARACTER))
  const captionHeight = lines.length * CAPTION_LINE + MARGIN
  const height = frame.height + captionHeight
  const chart = init(null, null, { renderer: 'svg', ssr: true, width: frame.width, height })
  try {
    chart.setOption({
      animation: false,
      backgroundColor: COLOURS.paper,
      textStyle: { fontFamily: FONT, color: COLOURS.ink },
      title: [
        { text: frame.title, left: MARGIN, top: 14, textStyle: { fontSize: 16, color: COLOURS.ink, fontFamily: FONT } },
        {
          text: lines.join('\n'),
          left: MARGIN,
          top: frame.height,
          textStyle: {
            fontSize: 11,
            fontWeight: 'normal',
            lineHeight: CAPTION_LINE,
            color: COLOURS.faintInk,
            fontFamily: FONT
          }
        }
      ],
      ...(frame.legend.length > 1 ? { legend: legend(frame.legend) } : {}),
      ...plot({ top: frame.legend.length > 1 ? 84 : 56, bottom: captionHeight + MARGIN })
    })
    return finish(chart.renderToSVGString(), frame.title)
  } finally {
    chart.dispose()
  }
}

function legend(names: readonly string[]): NonNullable<EChartsOption['legend']> {
  return {
    data: [...names],
    left: MARGIN,
    top: 44,
    itemGap: 18,
    itemWidth: 22,
    itemHeight: 10,
    textStyle: { color: COLOURS.ink, fontFamily: FONT }
  }
}

/** Ids count up with every chart of a process, and hover classes are of no use in a picture: neither stays. */
function finish(svg: string, title: string): string {
  const steady = svg
    .replace(/\bzr\d+-/g, 'zr-')
    .replace(/ class="zr-cls-\d+"/g, '')
    .replace(/ ecmeta_[a-z_]+="[^"]*"/g, '')
    .replace(/<style[^>]*>.*?<\/style>/gs, '')
  const [head = '', ...rest] = steady.split('>')
  return `${head} role="img">\n<title>${escapeText(title)}</title>\n${darkStyle()}${rest.join('>').trimEnd()}\n`
}

function escapeText(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;')
}

function wrap(text: string, characters: number): string[] {
  const lines: string[] = []
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + 1 + word.length <= characters) {
      lines[lines.length - 1] = `${last} ${word}`
    } else {
      lines.push(word)
    }
  }
  return lines
}
