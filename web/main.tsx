import { render } from 'preact'
import { App } from './app.tsx'
import { Desk } from './model/desk.ts'

const page = document.getElementById('page')
if (page === null) throw new Error('the page has no place for itself')
render(<App desk={new Desk(location.origin)} />, page)
