/**
 * What a Regula workflow leaves in a session: its properties, its pictures, and the answer of the Document Reader.
 * Source: Regula's page "Getting Session Data via API"; the properties are those of its public demonstration workflow.
 */
import { base64Of, fileOf, inventFile, type InventedFile } from "../invented-files.ts";
import type { InventedPerson } from "../invention.ts";

/** A file of a session as the session's JSON describes it, without its URL. */
export interface RegulaFile {
  id: string;
  action: string;
  type: string;
  name: string;
  file: InventedFile;
}

export interface RegulaSizes {
  /** Bytes of each picture. */
  picture: number;
  video: number;
  /** Bytes of each picture inside the Document Reader's answer. */
  inlinePicture: number;
}

export const USUAL_SIZES: RegulaSizes = { picture: 60_000, video: 400_000, inlinePicture: 3000 };

export function propertiesOf(person: InventedPerson) {
  return {
    FULL_NAME: `${person.givenName} ${person.familyName}`,
    FIRST_NAME: person.givenName,
    SURNAME: person.familyName,
    DATE_OF_BIRTH: person.birthDate,
    NATIONALITY: "USA",
    DOCUMENT_NUMBER: person.documentNumber,
    FULL_AUTH_OVERALL_STATUS: 1,
    MRZ_STATUS: 1,
    LIVENESS_STATUS: 0,
    LIVENESS_DOC_SIMILARITY: 0.93,
    CONTINUE: true,
    DOCREADER_SCENARIO_completed: true,
  };
}

export function inventRegulaFiles(person: InventedPerson, sizes: RegulaSizes, random: () => number) {
  const { picture, video } = sizes;
  const jpeg = (size: number) => inventFile("image/jpeg", size, random);
  const reading = inventReading(person, () => jpeg(sizes.inlinePicture));
  const read = { action: "DOCREADER_SCENARIO", type: "REGULA_DOC_READER" };
  const match = { action: "GET_LIVENESS_PORTRAIT", type: "REGULA_FACE_MATCH" };
  const files: RegulaFile[] = [
    { ...read, id: "DOC_FRONT", name: "front.jpg", file: jpeg(picture) },
    { ...read, id: "DOC_BACK", name: "back.jpg", file: jpeg(picture) },
    { ...read, id: "DOC_PHOTO", name: "portrait.jpg", file: jpeg(picture) },
    { ...match, id: "LIVENESS_PORTRAIT", name: "liveness.jpg", file: jpeg(picture) },
    {
      id: "LIVENESS_VIDEO",
      action: "GET_LIVENESS_VIDEO",
      type: "UNKNOWN",
      name: "liveness.mp4",
      file: inventFile("video/mp4", video, random),
    },
    { ...read, id: "DOCREADER_SCENARIO", name: "response.json", file: reading.file },
  ];
  return { files, inline: reading.pictures };
}

/** Numbers of the Document Reader for kinds of results, of text fields and of pictures. */
const RESULT = { status: 33, text: 36, images: 37 } as const;
const TEXT = {
  documentNumber: [2, "Document Number"],
  expiry: [3, "Date of Expiry"],
  issue: [4, "Date of Issue"],
  birth: [5, "Date of Birth"],
  surname: [8, "Surname"],
  givenNames: [9, "Given Names"],
  nationality: [11, "Nationality"],
  sex: [12, "Sex"],
  fullName: [25, "Surname And Given Names"],
} as const;
const PICTURE = { portrait: [201, "Portrait"], document: [207, "Document front side"] } as const;

function inventReading(person: InventedPerson, invent: () => InventedFile) {
  const pictures = { portrait: invent(), front: invent(), back: invent() };
  const field = ([fieldType, fieldName]: (typeof TEXT)[keyof typeof TEXT], value: string) => ({
    fieldType,
    fieldName,
    lcid: 0,
    status: 1,
    value,
    valueList: [{ source: "VISUAL", value, originalValue: value, pageIndex: 0 }],
  });
  const page = (pageIndex: number, picture: InventedFile) => ({
    source: "VISUAL",
    pageIndex,
    format: ".jpg",
    value: base64Of(picture),
  });
  const [portrait, portraitName] = PICTURE.portrait;
  const [document, documentName] = PICTURE.document;
  const List = [
    { result_type: RESULT.status, Status: { overallStatus: 1, optical: 1 } },
    {
      result_type: RESULT.text,
      Text: {
        status: 1,
        fieldList: [
          field(TEXT.surname, person.familyName),
          field(TEXT.givenNames, person.givenName),
          field(TEXT.fullName, `${person.familyName} ${person.givenName}`),
          field(TEXT.birth, person.birthDate),
          field(TEXT.sex, person.gender),
          field(TEXT.nationality, "USA"),
          field(TEXT.documentNumber, person.documentNumber),
          field(TEXT.issue, "2021-05-06"),
          field(TEXT.expiry, "2031-05-06"),
        ],
      },
    },
    {
      result_type: RESULT.images,
      Images: {
        fieldList: [
          { fieldType: portrait, fieldName: portraitName, valueList: [page(0, pictures.portrait)] },
          {
            fieldType: document,
            fieldName: documentName,
            valueList: [page(0, pictures.front), page(1, pictures.back)],
          },
        ],
      },
    },
  ];
  const answer = { CoreLibResultCode: 0, ProcessingFinished: 1, ContainerList: { Count: List.length, List } };
  return { pictures, file: fileOf("application/json", new TextEncoder().encode(JSON.stringify(answer))) };
}
